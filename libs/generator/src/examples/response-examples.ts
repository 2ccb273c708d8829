import { join } from 'node:path';
import { readContract } from '@frontage/contracts';
import type { NamedExample, MediaExamples } from '@frontage/contracts/response-examples';
import type { SampleRequest } from '../endpoint/planner/sample-request.js';
import { sampled, type SampledContract } from '../endpoint/planner/sampled-contract.js';
import type { PartDescription, ScreenDescription } from '../plan/app-description.js';
import type { AppFolder } from '../workspace/workspace.js';
import { documentedEndpoints, isJson, isJsonSuccess } from './documented-endpoints.js';
import { exampleRequest, type DocumentedEndpoint } from './example-request.js';
import { ExampleWorld, type ExampleApp } from './example-world.js';
import { UpstreamValues } from './upstream-values.js';

/** An endpoint without an example, and the reason. */
export interface MissingExample {
  /** `GET /orders/{id}` */
  readonly endpoint: string;
  readonly reason: string;
}

export interface CollectedExamples {
  /** By `GET /orders/{id}`; `undefined` for a screen that has none. */
  readonly examples: ReadonlyMap<string, MediaExamples | undefined>;
  readonly missing: readonly MissingExample[];
}

export interface ExampleOptions {
  readonly root: string;
  readonly app: AppFolder;
  /** The OpenAPI document of the app. */
  readonly document: unknown;
  readonly env: NodeJS.ProcessEnv;
}

/** Services may be too slow right after their start, so a partial response is requested again up to this many times. */
const maxTries = 5;

/**
 * Starts the sandbox and the app, requests each screen, and collects the responses that are as the document says. Data of the sandbox is seeded, so
 * the same app gets the same examples. Reads come first, then writes in the order of the document.
 * @throws Error where the sandbox or the app does not start
 */
export async function responseExamples({ root, app, document, env }: ExampleOptions): Promise<CollectedExamples> {
  // A file that exists, for messages: a new app has no committed document yet.
  const file = join(app.folder, 'bff.yaml');
  const contract = sampled(await readContract(file, { text: JSON.stringify(document), lint: false }));
  const world = await ExampleWorld.start(root, app, env);
  try {
    return await new ExampleCollection(world, contract).collect();
  } finally {
    await world.stop();
  }
}

type Outcome = { readonly value: unknown } | { readonly reason: string };

/** The part of {@link ExampleWorld} that requests need. */
export type ExampleSource = Pick<
  ExampleWorld,
  'startApp' | 'ask' | 'isOfThisRun' | 'fail' | 'clearFaults' | 'contractFolder'
>;

export class ExampleCollection {
  readonly #world: ExampleSource;
  readonly #contract: SampledContract;
  readonly #values: UpstreamValues;
  readonly #examples = new Map<string, MediaExamples | undefined>();
  readonly #missing: MissingExample[] = [];

  /** @param contract the document of the app */
  constructor(world: ExampleSource, contract: SampledContract) {
    this.#world = world;
    this.#contract = contract;
    this.#values = new UpstreamValues((upstream) => world.contractFolder(upstream));
  }

  async collect(): Promise<CollectedExamples> {
    const app = await this.#world.startApp();
    const documented = documentedEndpoints(app.description, this.#contract);
    const reads = documented.filter(({ endpoint }) => endpoint.method === 'GET');
    for (const one of reads) await this.#add(app, one);
    const dispensable = reads.filter(({ endpoint }) => failingCalls(endpoint.screen).length > 0);
    if (dispensable.length > 0) {
      // A call whose response the first process has cached does not fail any more.
      const fresh = await this.#world.startApp();
      for (const one of dispensable) await this.#addPartial(fresh, one);
    }
    for (const one of documented.filter((each) => !reads.includes(each))) await this.#add(app, one);
    return { examples: this.#examples, missing: this.#missing };
  }

  async #add(app: ExampleApp, one: DocumentedEndpoint): Promise<void> {
    const name = nameOf(one);
    const request = await exampleRequest(one, this.#contract.samples, this.#values);
    const outcome = 'reason' in request ? request : await this.#complete(app, one, request);
    this.#examples.set(name, 'value' in outcome ? { example: outcome.value } : undefined);
    if ('reason' in outcome) this.#missing.push({ endpoint: name, reason: outcome.reason });
  }

  /** A complete response. A read is requested twice, because an example must be the same in each run. */
  async #complete(app: ExampleApp, one: DocumentedEndpoint, request: SampleRequest): Promise<Outcome> {
    let outcome: Outcome = { reason: 'parts of its response were missing' };
    for (let tries = 0; tries < maxTries; tries += 1) {
      outcome = await this.#response(app, one, request);
      if ('reason' in outcome || !isPartial(outcome.value)) break;
      outcome = { reason: `parts of its response were missing: ${missingParts(outcome.value).join(', ')}` };
    }
    if ('reason' in outcome || one.endpoint.method !== 'GET') return outcome;
    const again = await this.#response(app, one, request);
    const isSame = 'value' in again && JSON.stringify(again.value) === JSON.stringify(outcome.value);
    return isSame || ('value' in again && isPartial(again.value))
      ? outcome
      : { reason: 'its response is another one each time' };
  }

  /** Adds a response in which every part is missing that the screen can do without. */
  async #addPartial(app: ExampleApp, one: DocumentedEndpoint): Promise<void> {
    const complete = this.#examples.get(nameOf(one));
    if (complete === undefined || !('example' in complete)) return;
    const request = await exampleRequest(one, this.#contract.samples, this.#values);
    if ('reason' in request) return;
    await this.#world.fail(failingCalls(one.endpoint.screen));
    const value = await this.#failedTwice(app, one, request);
    await this.#world.clearFaults();
    if (value === undefined) return;
    const examples: Readonly<Record<string, NamedExample>> = {
      complete: { summary: 'Complete', value: complete.example },
      partial: { summary: `Without ${missingParts(value).join(', ')}`, value },
    };
    this.#examples.set(nameOf(one), { examples });
  }

  /** A partial response that came twice, so that no part was missing for another reason than the faults. */
  async #failedTwice(
    app: ExampleApp,
    one: DocumentedEndpoint,
    request: SampleRequest,
  ): Promise<PartialBody | undefined> {
    let before = '';
    for (let tries = 0; tries < maxTries; tries += 1) {
      const outcome = await this.#response(app, one, request);
      if (!('value' in outcome) || !isPartial(outcome.value)) return undefined;
      const text = JSON.stringify(outcome.value);
      if (text === before && !JSON.stringify(outcome.value._parts).includes('"timeout"')) return outcome.value;
      before = text;
    }
    return undefined;
  }

  /** The body of a successful response that is as the document says. */
  async #response(app: ExampleApp, one: DocumentedEndpoint, request: SampleRequest): Promise<Outcome> {
    const { status, headers, text } = await this.#world.ask(app, one.endpoint, request);
    const success = one.operation.responses.find((each) => each.status === String(status) && isJsonSuccess(each));
    if (success === undefined) return { reason: `it responded with ${status}${codeIn(text)}` };
    if (headers.has('frontage-parts'))
      return { reason: `parts of its response were missing: ${headers.get('frontage-parts')}` };
    if (this.#world.isOfThisRun(app, text)) return { reason: 'its response has an address or a token of the sandbox' };
    const value: unknown = JSON.parse(text);
    const schema = success.media.find(isJson)?.schema ?? true;
    return this.#contract.samples.accepts(schema, value)
      ? { value }
      : { reason: 'its response is not as the document says' };
  }
}

const nameOf = ({ operation: { method, path } }: DocumentedEndpoint): string => `${method} ${path}`;

/** ` (order_unknown)`: the code of a problem. */
function codeIn(text: string): string {
  const code = /"code":"([\w-]+)"/.exec(text)?.[1];
  return code === undefined ? '' : ` (${code})`;
}

interface PartialBody {
  readonly _parts: object;
}

const isPartial = (value: unknown): value is PartialBody =>
  typeof value === 'object' &&
  value !== null &&
  '_parts' in value &&
  typeof value._parts === 'object' &&
  value._parts !== null;

const missingParts = (value: PartialBody): readonly string[] => Object.keys(value._parts);

/** The calls whose failure a screen survives. An operation that a required part calls too is none of them. */
function failingCalls(
  screen: ScreenDescription | undefined,
): readonly { readonly upstream: string; readonly operation: string }[] {
  const parts = Object.values(screen?.parts ?? {});
  const isCallOf = (part: PartDescription, other: PartDescription): boolean =>
    part.upstream === other.upstream && part.operation === other.operation;
  return parts.flatMap((part) => {
    const { upstream, operation } = part;
    if (upstream === undefined || operation === undefined || !isDispensable(part)) return [];
    return parts.some((other) => isCallOf(part, other) && !isDispensable(other)) ? [] : [{ upstream, operation }];
  });
}

const isDispensable = ({ need, fallbacks }: PartDescription): boolean =>
  need === 'optional' || (need !== 'write' && fallbacks !== undefined);
