import type { BffConfig, PolicyMistake } from '@frontage/config';
import type { Route } from '../routes.js';

/** Validators on screens whose responses can have none. */
export function* screensMistakes({ screens }: BffConfig, routes: readonly Route[]): Generator<PolicyMistake> {
  for (const [plan, { etag }] of Object.entries(screens)) {
    for (const route of routes) {
      if (route.screen?.plan.name !== plan || !etag) continue;
      const why = whyNoTag(route);
      if (why === undefined) continue;
      const message = `${route.controller.name}.${route.handler} (${route.method} ${route.path}) ${why}; write etag: false`;
      yield { path: ['screens', plan, 'etag'], want: 'value', message };
    }
  }
}

function whyNoTag({ method, screen, successStatus, fixedHeaders }: Route): string | undefined {
  if (method !== 'GET') return `is no GET, and If-None-Match of a ${method} means something else`;
  if (successStatus !== 200) return `responds with ${successStatus}, and only a 200 has a 304 beside it`;
  const named = [...fixedHeaders.map(({ name }) => name), ...(screen?.head?.headers ?? [])];
  return named.some((name) => name.toLowerCase() === 'etag') ? 'sets an ETag of its own' : undefined;
}
