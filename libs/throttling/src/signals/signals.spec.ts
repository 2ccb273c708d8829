import { RequestContext, type Caller } from '@frontage/context';
import { ManualClock } from '@frontage/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { addressKey } from '../addresses/client-address.js';
import { MemorySignals } from './memory-signals.js';
import type { SignalRule } from './signal-rule.js';
import { Signals } from './signals.js';

const minute = 60_000;
const guessing: SignalRule = {
  name: 'guessing',
  watch: 'refusals',
  per: 'address',
  windowMs: minute,
  share: 0.5,
  atLeast: 4,
  action: 'block',
  forMs: 10 * minute,
};

function request(address: string, caller?: Partial<Caller>): RequestContext {
  const context = new RequestContext('r-1', 0, 'GET', address, {});
  if (caller !== undefined) context.caller = { subject: 'ada', scopes: [], roles: [], ...caller };
  return context;
}
const end = (context: RequestContext, status = 401) => ({ context, route: 'GET /', status });
const blocked = expect.objectContaining({ code: 'GW_RATE_LIMITED' });

function watching(...rules: SignalRule[]) {
  const clock = new ManualClock();
  const store = new MemorySignals(clock);
  const process = (maxRaised?: number): Signals =>
    new Signals(rules, { store, addressKey, clock, random: () => 0, ...(maxRaised !== undefined && { maxRaised }) });
  return { clock, process };
}

describe('signals', () => {
  it('block for the time that policy says, and then no longer', () => {
    const { clock, process } = watching(guessing);
    const signals = process();
    const check = signals.compileAddressCheck();
    for (let i = 0; i < 4; i++) signals.observe(end(request('192.0.2.1')));
    expect(() => check?.(request('192.0.2.1'))).toThrow(
      expect.objectContaining({ options: expect.objectContaining({ headers: { 'retry-after': '600' } }) }),
    );
    expect(() => check?.(request('192.0.2.2'))).not.toThrow();
    clock.skip(10 * minute - 1);
    expect(() => check?.(request('192.0.2.1'))).toThrow(blocked);
    clock.skip(1);
    expect(() => check?.(request('192.0.2.1'))).not.toThrow();
  });

  it('count IPv6 by its network, and no response that says nothing about the client', () => {
    const { process } = watching(guessing);
    const signals = process();
    const check = signals.compileAddressCheck();
    for (const status of [0, 429, 503])
      for (let i = 0; i < 9; i++) signals.observe(end(request('2001:db8::1'), status));
    for (let i = 0; i < 3; i++) signals.observe(end(request(`2001:db8::${i}`)));
    expect(() => check?.(request('2001:db8::9'))).not.toThrow();
    signals.observe(end(request('2001:db8::4'), 403));
    expect(() => check?.(request('2001:db8::9'))).toThrow(blocked);
    expect(() => check?.(request('2001:db8:0:1::9'))).not.toThrow();
  });

  it('hold in another process once it has seen a request of the client end', () => {
    const { process } = watching(guessing);
    const [one, other] = [process(), process()];
    for (let i = 0; i < 4; i++) one.observe(end(request('192.0.2.1')));
    const check = other.compileAddressCheck();
    expect(() => check?.(request('192.0.2.1'))).not.toThrow();
    other.observe(end(request('192.0.2.1'), 200));
    expect(() => check?.(request('192.0.2.1'))).toThrow(blocked);
  });

  it('take a login that is younger than the signal, and no older one', () => {
    const { clock, process } = watching({
      name: 'shared',
      watch: 'addressesPerAccount',
      per: 'user',
      windowMs: minute,
      above: 2,
      action: 'stepUp',
      forMs: 10 * minute,
    });
    const signals = process();
    const check = signals.compileCallerCheck();
    clock.skip(5_000);
    const wall = (): number => Math.ceil(clock.wallTime() / 1000);
    for (const last of [1, 2, 3]) signals.observe(end(request(`192.0.2.${last}`, {}), 200));
    const raisedAt = wall();
    clock.skip(30_000);
    const asked = expect.objectContaining({
      options: {
        headers: { 'www-authenticate': 'Bearer error="insufficient_user_authentication", max_age="30"' },
      },
    });
    expect(() => check?.(request('192.0.2.1', { authenticatedAt: raisedAt - 1 }))).toThrow(asked);
    expect(() => check?.(request('192.0.2.1', {}))).toThrow(asked);
    expect(() => check?.(request('192.0.2.1', { authenticatedAt: raisedAt + 5 }))).not.toThrow();
    expect(() => check?.(request('192.0.2.1', { subject: 'bob' }))).not.toThrow();
    expect(() => check?.(request('192.0.2.1'))).not.toThrow();
  });

  it('have no check where no rule asks for one', () => {
    const signals = watching({ ...guessing, action: 'report' }).process();
    expect([signals.compileAddressCheck(), signals.compileCallerCheck(), signals.compileSlowClass()]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(watching(guessing).process().compileCallerCheck()).toBeUndefined();
  });

  it('keep to the bound on clients for which something follows', () => {
    const signals = watching({ ...guessing, atLeast: 1 }).process(100);
    for (let i = 0; i < 5_000; i++) signals.observe(end(request(`10.0.${i >> 8}.${i & 255}`)));
    expect(signals.size).toBe(100);
  });

  it.each([
    [{ ...guessing, share: undefined }, 'signals.guessing: watch: refusals needs "share"'],
    [{ ...guessing, watch: 'sequence' as const, above: 1 }, 'signals.guessing: watch: sequence needs "route"'],
  ])('are refused without what they watch for', ({ share, ...rule }, message) => {
    expect(() => watching({ ...rule, ...(share !== undefined && { share }) }).process()).toThrow(message);
  });
});
