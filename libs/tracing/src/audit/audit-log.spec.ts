import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attachRequestContext, RequestContext, type RequestEnded } from '@frontage/context';
import { channels, ChainVerifier, type SecurityDecision, type SignalRaised } from '@frontage/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTracing, type Tracing } from '../tracing.js';

let folder: string;
let tracing: Tracing | undefined;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'audit-'))));
afterEach(async () => {
  await tracing?.stop();
  tracing = undefined;
  rmSync(folder, { recursive: true });
});

const file = (name = 'audit.jsonl'): string => join(folder, name);
const linesOf = (name?: string): string[] => readFileSync(file(name), 'utf8').trimEnd().split('\n');
const eventsOf = (lines: readonly string[]): Record<string, unknown>[] =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>);
const start = async (callers: 'named' | 'hashed' = 'named', path = file()): Promise<Tracing> =>
  (tracing = await startTracing({
    app: 'shop',
    log: { level: 'silent', callerHashKey: 'key' },
    audit: { file: path, callers },
  }));
const stop = async (): Promise<void> => {
  await tracing?.stop();
  tracing = undefined;
};
const brokenOf = (lines: readonly string[]) => {
  const verifier = new ChainVerifier();
  for (const line of lines) verifier.take(line);
  return verifier.result().broken;
};

function ended(status: number, more: Partial<RequestEnded> = {}): void {
  const context = new RequestContext('r-1', 0, 'GET', '203.0.113.7', { authorization: 'Bearer abcdefgh.secret' });
  context.route = '/orders/:id';
  context.caller = { subject: 'ada', scopes: [], roles: [] };
  const record: RequestEnded = { context, endedAt: 5, status, code: 'GW_X', clientGone: false, error: undefined };
  channels.requestEnded.publish({ ...record, ...more });
}
const decided = (decision: SecurityDecision): void => channels.securityDecision.publish(decision);

describe('the log of security decisions', () => {
  it('has a line for each refused request: who, what, why, and the id', async () => {
    await start();
    ended(200);
    ended(404);
    ended(401, { refusal: { why: 'the token has expired' } });
    ended(403, { refusal: { event: 'owner.refused', why: 'another owner' } });
    ended(403);
    ended(429);
    await stop();
    const events = eventsOf(linesOf());
    expect(events.map(({ event }) => event)).toEqual([
      'audit.opened',
      'authentication.refused',
      'owner.refused',
      'access.refused',
      'limit.refused',
      'audit.closed',
    ]);
    expect(events[2]).toEqual({
      chain: expect.stringMatching(/^[0-9a-f]{16}$/),
      seq: 2,
      prev: expect.stringMatching(/^[0-9a-f]{64}$/),
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      app: 'shop',
      event: 'owner.refused',
      requestId: 'r-1',
      traceId: '',
      method: 'GET',
      route: '/orders/:id',
      address: '203.0.113.7',
      status: 403,
      code: 'GW_X',
      caller: 'ada',
      why: 'another owner',
    });
  });

  it('has logins and changes by operators, with the request where there is one', async () => {
    await start();
    const request = {};
    attachRequestContext(request, new RequestContext('r-9', 0, 'GET', '::1', {}));
    decided({ event: 'session.login', subject: 'ada', what: 'provider main', request });
    decided({ event: 'breaker.forced', what: '{"upstream":"orders","state":"open"}' });
    const raised: SignalRaised = {
      signal: 'guessing',
      of: 'address',
      action: 'block',
      requestId: 'r-10',
      client: '0a1b2c3d4e5f',
    };
    channels.signalRaised.publish(raised);
    await stop();
    expect(eventsOf(linesOf()).slice(1, 4)).toMatchObject([
      { event: 'session.login', requestId: 'r-9', caller: 'ada', what: 'provider main' },
      { event: 'breaker.forced', what: '{"upstream":"orders","state":"open"}' },
      { event: 'signal.raised', requestId: 'r-10', what: 'guessing: address 0a1b2c3d4e5f', why: 'block' },
    ]);
  });

  it('has pseudonyms of callers where policy says so, the same for a request and a login', async () => {
    await start('hashed');
    ended(403);
    decided({ event: 'session.login', subject: 'ada' });
    await stop();
    const [, refused, login] = eventsOf(linesOf());
    expect(refused?.['caller']).toMatch(/^[0-9a-f]{12}$/);
    expect(login?.['caller']).toBe(refused?.['caller']);
    expect(readFileSync(file(), 'utf8')).not.toContain('"ada"');
  });

  it('has no secret, no second line and no end in a text of others (R5)', async () => {
    await start();
    ended(401, { refusal: { why: `Bearer abcdefgh.secret\n{"event":"forged"}${'x'.repeat(10_000)}` } });
    decided({ event: 'admin.changed', what: 'password=hunter2', why: '\u2028\r\n' });
    await stop();
    const text = readFileSync(file(), 'utf8');
    expect(text).not.toMatch(/abcdefgh|hunter2/);
    expect(linesOf()).toHaveLength(4);
    expect(Math.max(...linesOf().map((line) => line.length))).toBeLessThan(1_500);
  });

  it('goes on after a restart, and in a new file once it was moved away', async () => {
    await start();
    ended(401);
    await stop();
    appendFileSync(file(), '{"chain":"torn');
    await start();
    ended(403);
    await stop();
    const together = linesOf();
    expect(brokenOf(together)).toBeUndefined();
    expect(together).toHaveLength(7);
    expect(eventsOf(together.slice(4)).map(({ seq }) => seq)).toEqual([0, 1, 2]);
    expect(brokenOf(together.toSpliced(2, 1))).toBeDefined();
    renameSync(file(), file('audit.jsonl.1'));
    await start();
    renameSync(file(), file('audit.jsonl.2'));
    await expect.poll(() => (ended(429), existsSync(file())), { timeout: 5_000, interval: 50 }).toBe(true);
    await stop();
    const both = [...linesOf('audit.jsonl.2'), ...linesOf()];
    expect(brokenOf(both)).toBeUndefined();
    expect(brokenOf(linesOf())).toBeUndefined();
  });

  it('drops and counts what a full disk does not take, and keeps its chain (F37)', async () => {
    const path = file('full');
    // Every write to this device fails as one to a full disk does.
    symlinkSync('/dev/full', path);
    await start('named', path);
    for (let i = 0; i < 12_000; i++) ended(401);
    const lost = Number(/^frontage_audit_events_lost_total (\d+)$/m.exec(tracing?.metrics() ?? '')?.[1]);
    expect(lost).toBeGreaterThan(1_900);
    expect(lost).toBeLessThan(2_100);
    rmSync(path);
    writeFileSync(path, '');
    await expect.poll(() => readFileSync(path, 'utf8').length, { timeout: 8_000, interval: 100 }).toBeGreaterThan(1e6);
    ended(429);
    await stop();
    const lines = linesOf('full');
    expect(brokenOf(lines)).toBeUndefined();
    expect(eventsOf(lines).some(({ lost: told }) => told === lost)).toBe(true);
  });

  it('ends within seconds where nothing can be written', async () => {
    symlinkSync('/dev/full', file('full'));
    await start('named', file('full'));
    ended(401);
    const before = performance.now();
    await stop();
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});
