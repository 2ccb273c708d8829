import { readContract } from '@frontage/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { sampled } from '../endpoint/planner/sampled-contract.js';
import type { EndpointDescription, PartDescription } from '../plan/app-description.js';
import type { ExampleResponse } from './example-world.js';
import { ExampleCollection, type ExampleSource } from './response-examples.js';

const json = (status: number, body: unknown, headers: Record<string, string> = {}): ExampleResponse => ({
  status,
  headers: new Headers(headers),
  text: JSON.stringify(body),
});
const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, _parts: { type: 'object' } },
  required: ['name'],
};
const responses = { 200: { description: '', content: { 'application/json': { schema } } } };
const partial = { name: 'Ada', _parts: { banners: { status: 'error', source: 'none' } } };

const call = (operation: string, need: PartDescription['need']): PartDescription => ({
  kind: 'call',
  after: [],
  reads: [],
  upstream: 'content',
  operation,
  ...(need !== undefined && { need }),
});

/** Endpoints whose responses follow from the process of the app and from the number of the request. */
class ScriptedApp implements ExampleSource {
  readonly log: string[] = [];
  readonly #respond: (path: string, time: number, isFailing: boolean) => ExampleResponse;
  readonly #endpoints: readonly EndpointDescription[];
  #processes = 0;
  #failing = 0;

  constructor(
    endpoints: readonly EndpointDescription[],
    respond: (path: string, time: number, isFailing: boolean) => ExampleResponse,
  ) {
    this.#endpoints = endpoints;
    this.#respond = respond;
  }

  startApp() {
    this.#processes += 1;
    const url = `http://127.0.0.1:${this.#processes}`;
    return Promise.resolve({ url, description: { bff: 'tv', endpoints: this.#endpoints, policy: {} } });
  }

  ask: ExampleSource['ask'] = ({ url }, { method }, { path }) => {
    const request = `${method} ${path}`;
    this.log.push(`${url.slice(-1)} ${request}`);
    const time = this.log.filter((one) => one.endsWith(request)).length;
    return Promise.resolve(this.#respond(path, time, this.#failing > 0));
  };

  isOfThisRun: ExampleSource['isOfThisRun'] = (_, text) => text.includes('127.0.0.1');

  fail: ExampleSource['fail'] = (operations) => {
    this.#failing = operations.length;
    this.log.push(`fail ${operations.map(({ operation }) => operation).join(' ')}`);
    return Promise.resolve();
  };

  clearFaults(): Promise<void> {
    this.#failing = 0;
    return Promise.resolve();
  }

  contractFolder(): undefined {
    return undefined;
  }
}

const endpoint = (
  method: string,
  path: string,
  parts: Readonly<Record<string, PartDescription>> = {},
): EndpointDescription => ({
  method,
  path,
  handler: 'Tv.show',
  access: 'public',
  screen: { name: 'tv.show', source: '', deadlineMs: 100, input: {}, fields: {}, parts },
});

async function collected(app: ScriptedApp, ...endpoints: readonly EndpointDescription[]) {
  const paths: Record<string, object> = {};
  for (const { method, path } of endpoints) paths[path] = { ...paths[path], [method.toLowerCase()]: { responses } };
  const text = JSON.stringify({ openapi: '3.1.0', info: { title: 'tv', version: '1' }, paths });
  const contract = sampled(await readContract(import.meta.filename, { text, lint: false }));
  const { examples, missing } = await new ExampleCollection(app, contract).collect();
  return { examples: Object.fromEntries(examples), missing };
}

describe('the examples of responses', () => {
  const home = endpoint('GET', '/home');
  let app: ScriptedApp;
  const from = (respond: ConstructorParameters<typeof ScriptedApp>[1], ...endpoints: EndpointDescription[]) => {
    app = new ScriptedApp(endpoints, respond);
    return collected(app, ...endpoints);
  };
  beforeEach(() => {
    app = new ScriptedApp([], () => json(200, {}));
  });

  it('are complete responses: one without some parts is requested again', async () => {
    const { examples, missing } = await from((_, time) => json(200, time < 3 ? partial : { name: 'Ada' }), home);
    expect({ examples, missing }).toEqual({ examples: { 'GET /home': { example: { name: 'Ada' } } }, missing: [] });
  });

  it.each([
    ['never complete', () => json(200, partial), 'parts of its response were missing: banners'],
    [
      'never complete, by its header',
      () => json(200, { name: 'Ada' }, { 'frontage-parts': 'banners;status=error' }),
      'parts of its response were missing: banners;status=error',
    ],
    [
      'new each time',
      (_: string, time: number) => json(200, { name: `n-${time}` }),
      'its response is another one each time',
    ],
    ['a problem', () => json(404, { code: 'order_unknown' }), 'it responded with 404 (order_unknown)'],
    ['another success', () => json(201, { name: 'Ada' }), 'it responded with 201'],
    ['not as declared', () => json(200, { name: 7 }), 'its response is not as the document says'],
    [
      'of this run',
      () => json(200, { name: 'http://127.0.0.1:4100/users' }),
      'its response has an address or a token of the sandbox',
    ],
  ] as const)('are left out where the response is %s, with the reason', async (_, respond, reason) => {
    expect(await from(respond, home)).toEqual({
      examples: { 'GET /home': undefined },
      missing: [{ endpoint: 'GET /home', reason }],
    });
  });

  it('have a second one without the parts that the screen can do without, from a process with empty caches', async () => {
    const parts = {
      profile: call('getUser', 'required'),
      banners: call('listBanners', 'optional'),
      // The page needs the same operation elsewhere.
      other: call('getUser', 'optional'),
    };
    const respond = (_: string, __: number, isFailing: boolean) => json(200, isFailing ? partial : { name: 'Ada' });
    const { examples } = await from(respond, endpoint('GET', '/home', parts));
    expect(examples['GET /home']).toEqual({
      examples: {
        complete: { summary: 'Complete', value: { name: 'Ada' } },
        partial: { summary: 'Without banners', value: partial },
      },
    });
    expect(app.log).toEqual(['1 GET /home', '1 GET /home', 'fail listBanners', '2 GET /home', '2 GET /home']);
  });

  it('have no second one where a part is missing for another reason', async () => {
    const parts = { banners: call('listBanners', 'optional') };
    const late = { name: 'Ada', _parts: { banners: { status: 'timeout', source: 'none' } } };
    const respond = (_: string, __: number, isFailing: boolean) => json(200, isFailing ? late : { name: 'Ada' });
    const { examples, missing } = await from(respond, endpoint('GET', '/home', parts));
    expect({ examples, missing }).toEqual({ examples: { 'GET /home': { example: { name: 'Ada' } } }, missing: [] });
  });

  it('are read before anything is written, and a write is sent once', async () => {
    await from(() => json(200, { name: 'Ada' }), endpoint('POST', '/home'), home);
    expect(app.log).toEqual(['1 GET /home', '1 GET /home', '1 POST /home']);
  });
});
