import { loadConfig, type BffConfig } from '@frontage/config';
import { ManualClock } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { policyFile } from '../fixtures/gateway-under-test.js';
import { UpstreamRegistry } from '../outbound/upstream-registry.js';
import { Readiness } from './readiness.js';

function readinessOf(limits: string): {
  readonly clock: ManualClock;
  readonly state: { inFlight: number; draining: boolean };
  readonly readiness: Readiness;
} {
  const clock = new ManualClock();
  const state = { inFlight: 0, draining: false };
  const config: BffConfig = loadConfig(policyFile(`bff: spec\nlisten: { port: 0 }\nlimits: { ${limits} }\n`), {
    env: {},
    environment: 'test',
  });
  const readiness = new Readiness({
    config,
    clock,
    upstreams: new UpstreamRegistry(config, { clock }),
    inFlight: () => state.inFlight,
    isDraining: () => state.draining,
  });
  return { clock, state, readiness };
}

describe('readiness', () => {
  it('says no where every question of ten seconds finds the app at its limit, and not in a peak', async () => {
    const { clock, state, readiness } = readinessOf('maxInFlight: 3');
    state.inFlight = 3;
    for (let second = 0; second < 10; second++) {
      expect(await readiness.isReady(0)).toBe(true);
      await clock.advance(1_000);
    }
    expect(await readiness.report(0)).toMatchObject({ status: 'error', overloaded: true, draining: false });
    state.inFlight = 2;
    expect(await readiness.isReady(0)).toBe(true);
    state.inFlight = 3;
    expect(await readiness.isReady(0)).toBe(true);
  });

  it('does not count the question itself, so that both ports say the same', async () => {
    const { clock, state, readiness } = readinessOf('maxInFlight: 3');
    // On the public port the question is one of those that are worked on.
    state.inFlight = 3;
    await readiness.report(1);
    await clock.advance(60_000);
    expect(await readiness.isReady(1)).toBe(true);
    state.inFlight = 4;
    await readiness.report(1);
    await clock.advance(10_000);
    expect(await readiness.isReady(1)).toBe(false);
    state.inFlight = 3;
    expect(await readiness.isReady(0)).toBe(false);
  });

  it('is never overloaded without a limit, and says no while the app ends', async () => {
    const { clock, state, readiness } = readinessOf('');
    state.inFlight = 1_000_000;
    await readiness.report(0);
    await clock.advance(60_000);
    expect(await readiness.isReady(0)).toBe(true);
    state.draining = true;
    expect(await readiness.report(0)).toMatchObject({ status: 'error', draining: true });
  });

  it('is that of all processes that serve together, and its own where they cannot be asked', async () => {
    const { state, readiness } = readinessOf('');
    let others: boolean | undefined = true;
    readiness.shareWith({ areReady: () => Promise.resolve(others) });
    state.draining = true;
    expect(await readiness.isReady(0)).toBe(true);
    others = undefined;
    expect(await readiness.isReady(0)).toBe(false);
    state.draining = false;
    others = false;
    expect(await readiness.isReady(0)).toBe(false);
  });
});
