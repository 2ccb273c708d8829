import type { BffConfig, PolicyMistake } from '@frontage/config';
import { nearest } from '@frontage/core';
import type { Route } from '../routes.js';

/** Routes whose spans are always kept, and that the app does not have. */
export function* tracingMistakes({ tracing }: BffConfig, routes: readonly Route[]): Generator<PolicyMistake> {
  const known = routes.map(({ method, path }) => `${method} ${path}`);
  for (const name of tracing.always.routes) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    const message = `this app has no route ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    yield { path: ['tracing', 'always', 'routes'], want: 'value', message };
  }
}
