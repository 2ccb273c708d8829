import { describe, expect, it } from 'vitest';
import { describedApp } from '../fixtures/described-app.js';
import type { AppDescription, PartDescription, PolicyDescription } from './app-description.js';
import { planView } from './plan-view.js';
import { planWarnings } from './plan-warnings.js';

const call = (upstream: string, more: Partial<PartDescription> = {}): PartDescription => ({
  kind: 'call',
  need: 'required',
  upstream,
  operation: 'get',
  method: 'GET',
  path: '/',
  after: [],
  reads: [],
  ...more,
});

function warningsOf(parts: Readonly<Record<string, PartDescription>>, policy: PolicyDescription): readonly string[] {
  const [endpoint] = describedApp.endpoints;
  const screen = { ...endpoint!.screen!, name: 'page', deadlineMs: 500, parts, fields: {} };
  const app: AppDescription = { ...describedApp, policy: { reserveMs: 10, ...policy } };
  return planWarnings(planView(app, endpoint!, screen), app);
}

const upstreams = (timeoutMs: number, more: object = {}): PolicyDescription => ({
  upstreams: { orders: { timeoutMs, ...more }, users: { timeoutMs, ...more } },
});

describe('the warnings of a plan', () => {
  it('are none where everything fits', () => {
    expect(warningsOf({ a: call('orders'), b: call('users') }, upstreams(200))).toEqual([]);
  });

  it('name the calls whose timeout does not fit the deadline, but no write, which runs to its own', () => {
    const parts = { a: call('orders'), b: call('users', { need: 'optional' }), c: call('users', { need: 'write' }) };
    expect(warningsOf(parts, upstreams(800))).toEqual([
      'the timeout of a, b (800 ms) does not fit the deadline, which leaves 490 ms and ends the call first; write 245 ms to 490 ms, or a later deadline',
    ]);
  });

  it('name calls in a row that may take longer than the deadline, where the page needs the last one', () => {
    const row = (need: 'required' | 'optional') => ({ a: call('orders'), b: call('users', { need, after: ['a'] }) });
    expect(warningsOf(row('required'), upstreams(300))).toEqual([
      'a, then b may take 600 ms with their retries, and the deadline leaves 490 ms: the page is a 504 though each call keeps its timeout',
    ]);
    expect(warningsOf(row('optional'), upstreams(300))).toEqual([]);
  });

  it('name a hedge that comes after the end of its call', () => {
    expect(warningsOf({ a: call('orders') }, upstreams(200, { hedge: { afterMs: 200 } }))).toEqual([
      'a is never hedged: 200 ms is not less than the 200 ms that a call may take',
    ]);
  });

  it('tell that the required calls cannot keep the declared availability', () => {
    const parts = { a: call('orders'), b: call('users'), c: call('users', { need: 'optional' }) };
    const slo = { page: { availability: 0.999 } };
    expect(warningsOf(parts, { slo, ...upstreams(200, { availability: 0.9993 }) })).toEqual([
      'the required calls make 99.86 % (orders 99.93 %, users 99.93 %), less than the 99.9 % of slo.page.availability: make a call optional, or give it a fallback',
    ]);
    expect(warningsOf(parts, { slo, ...upstreams(200, { availability: 0.9999 }) })).toEqual([]);
    expect(warningsOf(parts, { slo, ...upstreams(200) })).toEqual([
      'slo.page.availability is not known to be kept: orders, users declare no availability (upstreams.<name>.availability)',
    ]);
    const last = { ...call('users'), fallbacks: [{ kind: 'last_good', maxAgeMs: 60_000 } as const] };
    expect(warningsOf({ a: call('orders'), b: last }, { slo, ...upstreams(200, { availability: 0.9993 }) })).toEqual(
      [],
    );
  });
});
