import type { BffConfig, PolicyMistake } from '@frontage/config';
import { nearest } from '@frontage/core';
import type { Route } from '../routes.js';

/** Limits and signals that do not fit the routes of the app. */
export function* limitMistakes(config: BffConfig, routes: readonly Route[]): Generator<PolicyMistake> {
  yield* weightsBeyondLimits(config, routes);
  yield* unknownRoutes(config, routes);
}

/** Routes that a limit of their class never admits, because one request counts as more than the limit. */
function* weightsBeyondLimits(config: BffConfig, routes: readonly Route[]): Generator<PolicyMistake> {
  for (const { method, path, rateClass, rateWeight } of routes) {
    if (rateClass === undefined) continue;
    for (const [index, { limit, burst }] of (config.rateClasses[rateClass] ?? []).entries()) {
      const most = burst ?? limit;
      if (rateWeight <= most) continue;
      const message = `one request to ${method} ${path} counts as ${rateWeight}, so ${burst === undefined ? 'a limit' : 'a burst'} of ${most} never admits it; write ${rateWeight} or more, or a smaller weight in @RateClass`;
      yield {
        path: ['rateClasses', rateClass, index, burst === undefined ? 'limit' : 'burst'],
        want: 'value',
        message,
      };
    }
  }
}

/** Routes of a sequence that the app does not have: the signal would never be raised, or always. */
function* unknownRoutes({ signals }: BffConfig, routes: readonly Route[]): Generator<PolicyMistake> {
  const known = new Set(routes.map(({ method, path }) => `${method} ${path}`));
  for (const [name, { route, after = [] }] of Object.entries(signals)) {
    const named = [
      ...(route === undefined ? [] : [{ found: route, path: ['signals', name, 'route'] }]),
      ...after.map((found, index) => ({ found, path: ['signals', name, 'after', index] })),
    ];
    for (const { found, path } of named) {
      if (known.has(found)) continue;
      const near = nearest(found, [...known]);
      const message = `this app has no route ${found}${near === undefined ? '; see routes.gen.md' : `; did you mean ${near}?`}`;
      yield { path, want: 'value', message };
    }
  }
}
