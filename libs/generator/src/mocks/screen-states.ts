import type { JsonSchema } from '@frontage/core';
import type { SampledContract } from '../endpoint/planner/sampled-contract.js';
import type { SampleRequest } from '../endpoint/planner/sample-request.js';
import { isJson, isJsonSuccess } from '../examples/documented-endpoints.js';
import { exampleRequest, type DocumentedEndpoint } from '../examples/example-request.js';
import type { ExampleApp, ExampleResponse, ExampleWorld } from '../examples/example-world.js';
import type { EndpointDescription } from '../plan/app-description.js';
import type { UpstreamValues } from '../examples/upstream-values.js';
import { isSchemaObject } from '../codegen/schema-objects.js';
import type { MockedScreen, MockNote } from './mocked-screen.js';
import { problemStates, withoutRequestId } from './problem-states.js';
import type { MockState } from './runtime/mocks.js';
import { splitParts } from '../sdk/split-parts.js';

/** The part of {@link ExampleWorld} that states need. */
export type StateSource = Pick<ExampleWorld, 'ask' | 'startApp'>;

/** The app that is asked. */
export class RunningStates {
  readonly #world: StateSource;
  #app: ExampleApp;

  constructor(world: StateSource, app: ExampleApp) {
    this.#world = world;
    this.#app = app;
  }

  /** A process that has come to the limits of its policy gives way to a new one, whose counts begin at zero. */
  async ask(endpoint: EndpointDescription, request: SampleRequest): Promise<ExampleResponse> {
    const response = await this.#world.ask(this.#app, endpoint, request);
    if (response.status !== 429) return response;
    this.#app = await this.#world.startApp();
    return this.#world.ask(this.#app, endpoint, request);
  }
}

export interface StateSetting {
  readonly running: RunningStates;
  readonly contract: SampledContract;
  readonly values: UpstreamValues;
  /** Of the committed document, by `GET /orders/{id}`. */
  readonly examples: ReadonlyMap<string, unknown>;
}

/** Services may be too slow right after their start, so a response has to come twice, within this many requests. */
const maxTries = 5;

/** The states of one screen, as the running BFF responds when it is asked for them. */
export class ScreenStates {
  readonly #setting: StateSetting;
  readonly #one: DocumentedEndpoint;
  readonly #schema: JsonSchema;
  readonly #status: number;
  readonly notes: MockNote[] = [];

  constructor(setting: StateSetting, one: DocumentedEndpoint) {
    this.#setting = setting;
    this.#one = one;
    const success = one.operation.responses.find(isJsonSuccess);
    this.#schema = success?.media.find(isJson)?.schema ?? true;
    this.#status = Number(success?.status ?? 200);
  }

  /** @param name of its function in the client */
  async collect(name: string): Promise<MockedScreen> {
    const { operation } = this.#one;
    const { contract, values } = this.#setting;
    const request = await exampleRequest(this.#one, contract.samples, values);
    if ('reason' in request) this.#note(request.reason);
    const asked = 'reason' in request ? undefined : request;
    const parts = new Map<string, MockState>();
    const problems = new Map(problemStates(operation));
    if (asked !== undefined) {
      for (const part of partNames(this.#schema)) {
        const state = await this.#partial(asked, part);
        if (state !== undefined) parts.set(part, state);
      }
      for (const [scenario, state] of await this.#refusals(asked, problems)) problems.set(scenario, state);
    }
    // Last: it is the one request of a write that changes something.
    const complete = await this.#complete(asked);
    return { name, method: operation.method, path: operation.path, complete, parts, problems };
  }

  /** The example of the document for a write, which changes its response each time; a sample of the schema where nothing else is the same. */
  async #complete(request: SampleRequest | undefined): Promise<MockState> {
    const { operation } = this.#one;
    const { contract, examples } = this.#setting;
    const example = examples.get(`${operation.method} ${operation.path}`);
    const isStored =
      operation.method !== 'GET' && example !== undefined && contract.samples.accepts(this.#schema, example);
    const body = isStored
      ? example
      : request && (await this.#twice(request, 'complete', (one) => !isPartial(one)))?.body;
    if (body !== undefined) return { status: this.#status, body };
    this.#note('its complete response is made from its schema, because that of the sandbox is another one each time');
    const { schema } = splitParts(this.#schema);
    return { status: this.#status, body: contract.samples.value(schema, operation.id) };
  }

  async #partial(request: SampleRequest, part: string): Promise<MockState | undefined> {
    const found = await this.#twice(request, `${part}=error`, isPartial);
    if (found === undefined) this.#note(`the sandbox does not respond without ${part}`);
    return found;
  }

  /**
   * The problems that only the BFF knows whole: those that the screen makes of statuses of its upstreams have texts of their own, and those of
   * a write say what became of each change.
   */
  async #refusals(
    request: SampleRequest,
    listed: ReadonlyMap<string, MockState>,
  ): Promise<ReadonlyMap<string, MockState>> {
    const { endpoint, operation } = this.#one;
    const ofScreen = Object.entries(endpoint.screen?.parts ?? {}).flatMap(([part, { refuses = {} }]) =>
      Object.keys(refuses)
        .filter((one) => /^[45]\d\d$/.test(one))
        .map((status) => `${part}=${status === '404' ? 'not_found' : status}`),
    );
    const ofWrite = operation.method === 'GET' ? [] : [...listed.keys()].filter((scenario) => scenario.includes('='));
    const states = new Map<string, MockState>();
    for (const scenario of new Set([...ofScreen, ...ofWrite])) {
      const { status, headers, text } = await this.#ask(request, scenario);
      const after = headers.get('retry-after');
      if (status < 400) continue;
      states.set(scenario, {
        status,
        ...(after !== null && { headers: { 'retry-after': after } }),
        body: withoutRequestId(JSON.parse(text)),
      });
    }
    return states;
  }

  /** A response that is as the document says and comes twice; a write is sent once, in each state. */
  async #twice(
    request: SampleRequest,
    scenario: string,
    isWanted: (state: MockState) => boolean,
  ): Promise<MockState | undefined> {
    let before: string | undefined;
    for (let tries = 0; tries < maxTries; tries += 1) {
      const { status, headers, text } = await this.#ask(request, scenario);
      if (status !== this.#status) return undefined;
      const body: unknown = JSON.parse(text);
      const parts = headers.get('frontage-parts');
      const state = { status, ...(parts !== null && { headers: { 'frontage-parts': parts } }), body };
      if (!this.#setting.contract.samples.accepts(this.#schema, body)) return undefined;
      if (isWanted(state) && (before === text || request.body !== undefined)) return state;
      before = text;
    }
    return undefined;
  }

  #ask(request: SampleRequest, scenario: string): Promise<ExampleResponse> {
    const { running } = this.#setting;
    const asked = { ...request.headers, 'x-frontage-scenario': scenario };
    return running.ask(this.#one.endpoint, scenario === 'complete' ? request : { ...request, headers: asked });
  }

  #note(reason: string): void {
    const { method, path } = this.#one.operation;
    this.notes.push({ endpoint: `${method} ${path}`, reason });
  }
}

const isPartial = ({ headers, body }: MockState): boolean =>
  headers?.['frontage-parts'] !== undefined || (typeof body === 'object' && body !== null && '_parts' in body);

/** The parts that may be missing, in the order of the document. */
function partNames(schema: JsonSchema): readonly string[] {
  const { parts } = splitParts(schema);
  return isSchemaObject(parts) && isSchemaObject(parts.properties) ? Object.keys(parts.properties) : [];
}
