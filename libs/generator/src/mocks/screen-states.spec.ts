import { readContract } from '@frontage/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { sampled } from '../endpoint/planner/sampled-contract.js';
import type { ExampleApp, ExampleResponse } from '../examples/example-world.js';
import { UpstreamValues } from '../examples/upstream-values.js';
import type { EndpointDescription, PartDescription } from '../plan/app-description.js';
import { RunningStates, ScreenStates } from './screen-states.js';

const problemSchema = (codes: readonly string[], parts: readonly string[]): object => ({
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        properties: { code: { enum: codes }, ...(parts.length > 0 && { part: { enum: parts } }) },
      },
    },
  },
});
const reason = { type: 'object', properties: { status: { type: 'string' } } };
const success = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 2 },
    _parts: { type: 'object', properties: { banners: reason }, additionalProperties: false },
  },
  required: ['name'],
  additionalProperties: false,
};
const responses = {
  200: { content: { 'application/json': { schema: success } } },
  429: problemSchema(['GW_RATE_LIMITED'], []),
  502: problemSchema(['GW_UPSTREAM_FAILED'], ['profile']),
  404: problemSchema(['user_unknown'], []),
};

/** The scenarios that were asked for, and the processes that were started. */
let asked: string[] = [];
let started = 0;
beforeEach(() => {
  asked = [];
  started = 0;
});

const app = (): ExampleApp => ({ url: '', description: { bff: 'tv', endpoints: [], policy: {} } });

const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): ExampleResponse => ({
  status,
  headers: new Headers(headers),
  text: JSON.stringify(body),
});

async function statesOf(
  respond: (scenario: string, count: number) => ExampleResponse,
  {
    method = 'GET',
    parts = {},
  }: { readonly method?: string; readonly parts?: Readonly<Record<string, PartDescription>> } = {},
) {
  const document = {
    openapi: '3.1.0',
    info: { title: 'tv', version: '1' },
    paths: { '/home': { [method.toLowerCase()]: { operationId: 'tv.home', responses } } },
  };
  const contract = sampled(await readContract(import.meta.filename, { text: JSON.stringify(document), lint: false }));
  const [operation] = contract.operations.values();
  if (operation === undefined) throw new Error('the document has no operation');
  const endpoint: EndpointDescription = {
    method,
    path: '/home',
    handler: 'Home.show',
    access: 'public',
    screen: { name: 'tv.home', source: '', deadlineMs: 100, input: {}, fields: {}, parts },
  };
  const world = {
    startApp: () => Promise.resolve((started += 1) > 0 ? app() : app()),
    ask: (
      _: ExampleApp,
      __: EndpointDescription,
      { headers }: { readonly headers: Readonly<Record<string, string>> },
    ) => {
      const scenario = headers['x-frontage-scenario'] ?? 'complete';
      asked.push(scenario);
      return Promise.resolve(respond(scenario, asked.filter((one) => one === scenario).length));
    },
  };
  const running = new RunningStates(world, app());
  const values = new UpstreamValues(() => undefined);
  const states = new ScreenStates({ running, contract, values, examples: new Map() }, { endpoint, operation });
  return { screen: await states.collect('home'), notes: states.notes };
}

const partial = { name: 'Ada', _parts: { banners: { status: 'error' } } };
const plain = (scenario: string): ExampleResponse => json(scenario === 'complete' ? { name: 'Ada' } : partial);

describe('the states of a screen', () => {
  it('are what the BFF says, and the problems that its document lists', async () => {
    const { screen, notes } = await statesOf(plain);
    expect(screen.complete).toEqual({ status: 200, body: { name: 'Ada' } });
    expect(screen.parts.get('banners')).toEqual({ status: 200, body: partial });
    expect([...screen.problems.keys()].toSorted()).toEqual([
      'GW_RATE_LIMITED',
      'GW_UPSTREAM_FAILED',
      'profile=error',
      'user_unknown',
    ]);
    expect(screen.problems.get('profile=error')?.body).toMatchObject({ code: 'GW_UPSTREAM_FAILED', part: 'profile' });
    expect(notes).toEqual([]);
  });

  it('have to come twice: a part that is missing because a service is slow is no state', async () => {
    const late = { name: 'Ada', _parts: { banners: { status: 'timeout' } } };
    const { screen } = await statesOf((scenario, count) => (count === 1 ? json(late) : plain(scenario)));
    expect(screen.complete.body).toEqual({ name: 'Ada' });
    expect(asked.filter((one) => one === 'complete')).toHaveLength(3);
  });

  it('are made from the schema where the sandbox says something else each time, and that is said', async () => {
    const { screen, notes } = await statesOf((scenario, count) =>
      json(scenario === 'complete' ? { name: `Ada ${count}` } : partial),
    );
    expect(screen.complete.body).toEqual({ name: expect.stringMatching(/^.{2,}$/) });
    expect(notes).toEqual([{ endpoint: 'GET /home', reason: expect.stringContaining('made from its schema') }]);
  });

  it('never break the schema of the document', async () => {
    const { screen, notes } = await statesOf(() => json({ name: 1 }));
    expect(screen.parts.size).toBe(0);
    expect(screen.complete.body).toEqual({ name: expect.any(String) });
    expect(notes).toHaveLength(2);
  });

  it('of a status of a service have the text that only the BFF knows', async () => {
    const user: PartDescription = { kind: 'call', after: [], reads: [], refuses: { 404: '404 user_unknown' } };
    const body = { code: 'user_unknown', detail: 'There is no such user.', requestId: 'another each time' };
    const { screen } = await statesOf(
      (scenario) => (scenario === 'user=not_found' ? json(body, 404) : plain(scenario)),
      {
        parts: { user },
      },
    );
    expect(screen.problems.get('user=not_found')).toEqual({
      status: 404,
      body: { ...body, requestId: '0d9c1f6e-5b7a-4c1e-9f64-2a8b3c7d5e10' },
    });
  });

  it('are asked of a new process where the limits of the app are reached', async () => {
    await statesOf((scenario, count) => (scenario === 'complete' && count === 1 ? json({}, 429) : plain(scenario)));
    expect(started).toBe(1);
  });
});
