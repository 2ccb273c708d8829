import type { ServerResponse } from 'node:http';
import { Admission } from '@frontage/breaker';
import { RequestContext } from '@frontage/context';
import { ManualClock } from '@frontage/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { Exchange, type BoundRoute } from '../exchange/exchange.js';
import { unmatchedRoute } from '../routes/unmatched-route.js';
import type { Route } from '../routes/routes.js';
import { shedStage, type SheddingApp } from './shed.stage.js';

const clock = new ManualClock();

/** An app that is so late that it admits a tenth of what is asked of it. */
async function overloadedApp(): Promise<SheddingApp> {
  const admission = new Admission({ load: () => ({ delayMs: 200, turns: 1, occupancy: 0 }), random: () => 0.99 });
  for (let window = 0; window < 3; window++) {
    await clock.advance(101);
    for (let i = 0; i < 100; i++) admission.admits(clock.now(), 8, () => 'address\n127.0.0.1');
    for (let i = 0; i < 10; i++) admission.ended();
  }
  return {
    admission,
    clock,
    limiter: { addressKey: (address: string) => address },
    config: {
      tiers: [{ role: 'paying' }],
      admission: { delayMs: 20, intervalMs: 100, priorities: { export: 'low', checkout: 'high' } },
    },
  };
}

function ask(app: SheddingApp, route: Partial<Route>, roles?: readonly string[]): { readonly shed?: unknown } {
  const step = shedStage({ ...unmatchedRoute, kind: 'controller', method: 'GET', ...route }, app);
  const context = new RequestContext('request-1', clock.now(), 'GET', '127.0.0.1', {});
  if (roles !== undefined) context.caller = { subject: 'ada', scopes: [], roles };
  const exchange = new Exchange({} as BoundRoute, {} as never, {} as ServerResponse, context);
  try {
    void step?.(exchange);
    return {};
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'GW_OVERLOADED', options: { retryAfterMs: expect.any(Number) as unknown } });
    return (thrown as { readonly options: { readonly members: object } }).options.members;
  }
}

describe('under overload', () => {
  it('a reading route without a tier is shed, and the response names its priority', async () => {
    expect(ask(await overloadedApp(), {})).toEqual({ 'violated-policies': ['admission'], shed: 'normal' });
  });

  it('callers of a higher tier, routes that write, and rate classes of high priority are served', async () => {
    const app = await overloadedApp();
    expect(ask(app, {}, ['paying'])).toEqual({});
    expect(ask(app, { method: 'POST' })).toEqual({});
    expect(ask(app, { rateClass: 'checkout' })).toEqual({});
  });

  it('a rate class of low priority is shed whoever asks, also where it writes', async () => {
    expect(ask(await overloadedApp(), { rateClass: 'export', method: 'POST' }, ['paying'])).toEqual({
      'violated-policies': ['admission'],
      shed: 'low',
    });
  });

  it('health responses are not shed', async () => {
    expect(shedStage({ ...unmatchedRoute, kind: 'health' }, await overloadedApp())).toBeUndefined();
  });
});

it('without admission there is no stage', async () => {
  expect(shedStage(unmatchedRoute, { ...(await overloadedApp()), admission: undefined })).toBeUndefined();
});
