import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUpstream, type Upstream, type UpstreamOptions } from '@frontage/clients';
import { RequestContext, type CallScope } from '@frontage/context';
import { SchemaTable, type OperationInfo } from '@frontage/core';
import { workspaceRoot } from '@frontage/testing';
import { ManualClock } from '@frontage/testing/manual-clock';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { afterEach, describe, expect, it } from 'vitest';

const [breaker, budget, hedge] = ['circuit-breaker.spec.ts', 'retry.spec.ts', 'hedging.spec.ts'];
const inBreaker = (file: string, test: string): readonly [string, string] => [`libs/breaker/src/${file}`, test];
const inClients = (file: string, test: string): readonly [string, string] => [`libs/clients/src/${file}`, test];
const here = 'test/faults/attempts.spec.ts';

/** The duties of every breaker, retry and hedge, each with the test that shows it. */
const cases: readonly (readonly [rule: string, readonly [file: string, test: string]])[] = [
  [
    'breaker: opens only after the minimum number of calls',
    inBreaker(breaker, 'stays closed below the minimum number'),
  ],
  ['breaker: exactly the ratio opens', inBreaker(breaker, 'opens at exactly the failure ratio')],
  ['breaker: slow calls open it, though all succeed', inBreaker(breaker, 'opens on slow calls')],
  [
    'breaker: a client that leaves counts neither way',
    inClients('call-stack.spec.ts', 'counts neither cancelled calls'),
  ],
  ['breaker: a 4xx is health', inClients('call-stack.spec.ts', 'counts status %i as health')],
  ['breaker: old calls leave the window', inBreaker(breaker, 'does not count calls older than the window')],
  [
    'breaker: a throwing stage gives its permit back',
    inClients('stages/gated.spec.ts', 'lets a request out of each gate'),
  ],
  ['breaker: open rejects at once, and counts', inBreaker(breaker, 'rejects calls at once and counts them')],
  ['breaker: open connects to nothing, whatever comes', [here, 'sends nothing while it is open']],
  [
    'breaker: half-open begins with the first call',
    inBreaker(breaker, 'turns half-open at the first call after the wait'),
  ],
  ['breaker: half-open permits so many under a fan-out', [here, 'sends only its probes']],
  ['breaker: a cancelled probe gives its permit back', inBreaker(breaker, 'gets the permit of a cancelled call back')],
  ['breaker: probes without an outcome do not wedge it', inBreaker(breaker, 'gives new permits when the outcomes')],
  ['breaker: opens again for longer', inBreaker(breaker, 'opens again when too many of its permits failed')],
  ['breaker: closes with an empty window', inBreaker(breaker, 'closes after its permits succeeded')],
  ['breaker: late results are ignored', inBreaker(breaker, 'ignores late results of calls')],
  ['breaker: forced states', inBreaker(breaker, 'open rejects every call until its time is over')],
  ['breaker: disabled and observe', inBreaker(breaker, 'disabled lets all calls pass')],
  ['breaker: one per operation', inClients('policy/circuits.spec.ts', 'are one per operation')],
  ['breaker: any order of events', inBreaker('circuit-breaker.model.spec.ts', 'behaves like its model')],
  ['breaker: no cliff where policy throttles', inBreaker('client-throttle.spec.ts', 'has no cliff')],
  ['abort: no listener and no timer stays', inClients('call-stack.spec.ts', 'leaves neither timer nor listener')],
  [
    'ejection: after five failures in a row',
    ['libs/balancing/src/address-balancer.spec.ts', 'leaves an address out after five'],
  ],
  ['ejection: longer each time', ['libs/balancing/src/address-balancer.spec.ts', 'leaves it out longer each time']],
  ['ejection: never all', ['libs/balancing/src/address-balancer.spec.ts', 'never leaves out more than its share']],
  ['retry: the load stays within the budget', inBreaker(budget, 'F13: sends at most a tenth more calls')],
  ['retry: so many at once', inBreaker(budget, 'lets a fifth of the calls under way be retries')],
  ['retry: full jitter', inBreaker(budget, 'is spread over the whole range')],
  ['retry: only what may be sent twice', inClients('retries.spec.ts', 'a write whose connection was reset')],
  ['retry: Retry-After inside the deadline', inClients('retries.spec.ts', 'honours the Retry-After')],
  ['retry: none after the client has left', inClients('call-stack.spec.ts', 'stops when no caller waits any longer')],
  ['retry: a stale connection is none', inClients('retries.spec.ts', 'is not needed for a kept connection')],
  ['deadline: what is left goes upstream', inClients('call-stack.spec.ts', 'sends nothing where no time is left')],
  ['hedge: only what is safe', inClients(hedge, "['a write', operation")],
  ['hedge: after the 95th percentile', inClients(hedge, 'waits for the latency that 95 of 100')],
  ['hedge: its load is capped', inClients(hedge, 'adds at most its share')],
  ['hedge: the first success wins, the other is aborted', inClients(hedge, 'is sent after its time')],
  ['hedge: an error waits for the other response', inClients(hedge, 'attempt waits for the response of the other one')],
  ['hedge: spends the budget of the retries', inClients(hedge, 'is not sent without a token of the retries')],
  ['hedge: not while the breaker is not closed', inClients(hedge, 'is not sent while the circuit is not closed')],
  ['hedge: the loser counts as nothing', inClients(hedge, 'leaves no mark on the circuit')],
  ['hedge: not after Retry-After, 429 and 503', inClients(hedge, 'is not sent for a while after %s')],
  ['bulkhead: an upstream that hangs uses only its own permits', [here, 'takes nothing from another one']],
  ['bulkhead: waiting calls keep their deadline', inClients('priorities.spec.ts', 'leave the queue at their deadline')],
];

describe('each case of breaker, retry and hedge', () => {
  it.each(cases)('%s', (_, [file, test]) => {
    const path = join(workspaceRoot, file);
    expect(existsSync(path), file).toBe(true);
    expect(readFileSync(path, 'utf8').includes(test), `${file} has no test "${test}"`).toBe(true);
  });
});

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

const info: OperationInfo = {
  contract: { upstream: 'orders', title: 'Orders', version: '1', schemas: new SchemaTable([]) },
  id: 'listOrders',
  method: 'GET',
  path: '/orders',
  responses: [{ status: '200', media: 'application/json' }],
};

function scope(): CallScope {
  const context = new RequestContext('r', 0, 'GET', '127.0.0.1', {});
  return { context, part: 'orders', deadlineAt: Number.POSITIVE_INFINITY, cancellation: context.cancellation };
}

async function serve(
  reply: RawReply,
  options: Partial<UpstreamOptions>,
  clock = new ManualClock(),
): Promise<[RawServer, Upstream, ManualClock]> {
  const raw = await RawServer.start(reply);
  const client = createUpstream('orders', { urls: [raw.url], timeoutMs: 5_000, ...options }, { clock });
  started.push(raw, { stop: () => client.close() });
  return [raw, client, clock];
}

const unavailable: RawReply = (socket) =>
  socket.write('HTTP/1.1 503 Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');

describe('a breaker under 1,000 parallel calls (F14)', () => {
  const policy: Partial<UpstreamOptions> = {
    breaker: { minimumCalls: 20, openForMs: 5_000, halfOpenPermits: 3 },
    connections: 2_000,
  };

  async function opened(): Promise<[RawServer, Upstream, ManualClock]> {
    const [raw, client, clock] = await serve(unavailable, policy);
    for (let call = 0; call < 20; call++) await client.executor(info)({}, scope());
    expect(client.breakerState()).toBe('open');
    return [raw, client, clock];
  }

  const many = (client: Upstream): Promise<unknown[]> => {
    const execute = client.executor(info);
    return Promise.all(Array.from({ length: 1_000 }, () => execute({}, scope())));
  };

  it('sends nothing while it is open, and answers without waiting for anything', async () => {
    const [raw, client, clock] = await opened();
    const connections = raw.connectionCount;
    const before = clock.now();
    for (const outcome of await many(client)) expect(outcome).toMatchObject({ status: 'open_circuit', unsent: true });
    expect([raw.requests.length, raw.connectionCount, clock.now(), clock.timerCount]).toEqual([
      20,
      connections,
      before,
      0,
    ]);
  });

  it('sends only its probes once the wait is over, and is open again after they failed', async () => {
    const [raw, client, clock] = await opened();
    await clock.advance(5_000);
    const outcomes = await many(client);
    expect(raw.requests.length - 20).toBe(3);
    expect(outcomes.filter((one) => (one as { status: string }).status === 'open_circuit')).toHaveLength(997);
    expect(client.breakerState()).toBe('open');
    await clock.advance(5_000);
    await many(client);
    // For twice as long.
    expect(raw.requests.length - 20).toBe(3);
  });
});

describe('an upstream that hangs (F16)', () => {
  it('takes nothing from another one: its calls use their own permits and connections alone', async () => {
    const [hanging, slow, clock] = await serve(() => undefined, { concurrency: 5, queue: 5, connections: 5 });
    const [raw, quick] = await serve(rawReplies.json([]), { concurrency: 5, connections: 5 }, clock);
    const hung = Array.from({ length: 50 }, () => slow.executor(info)({}, scope()));
    await expect.poll(() => hanging.requests.length, { interval: 2 }).toBe(5);
    // No time passes on the clock of both: none of these calls waits for one of the others.
    for (let call = 0; call < 200; call++) expect(await quick.executor(info)({}, scope())).toMatchObject({ ok: true });
    expect(raw.requests).toHaveLength(200);
    expect(slow.health()).toMatchObject({ calls: { active: 5, queued: 5 } });
    expect(clock.now()).toBe(0);
    await clock.advance(5_000);
    const ends = (await Promise.all(hung)).map((outcome) => (outcome.ok ? 'ok' : outcome.status));
    expect([ends.filter((end) => end === 'shed').length, ends.filter((end) => end === 'timeout').length]).toEqual([
      40, 10,
    ]);
  });
});
