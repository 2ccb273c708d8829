import { callsOf } from '@frontage/aggregation';
import type { BffConfig, PolicyMistake } from '@frontage/config';
import { table } from '@frontage/core';
import type { Route } from '../routes.js';
import { varyingOf } from '../varying.js';

/** Validators and caches on screens whose responses can have none. */
export function* screensMistakes(config: BffConfig, routes: readonly Route[]): Generator<PolicyMistake> {
  for (const [plan, policy] of Object.entries(config.screens)) {
    for (const route of routes) {
      if (route.screen?.plan.name !== plan) continue;
      const at = `${route.controller.name}.${route.handler} (${route.method} ${route.path})`;
      const unfit = whyUnfit(route);
      const own = ownHeadersOf(route);
      const { readsAny } = varyingOf(route, config);
      const uses = {
        etag: policy.etag,
        deltas: policy.deltas,
        ttl: policy.ttlMs !== undefined,
        maxAge: policy.maxAgeMs !== undefined,
        cdn: policy.cdn !== undefined,
      };
      for (const [key, isUsed] of Object.entries(uses)) {
        if (!isUsed) continue;
        const why = unfit ?? whyNot[key]?.(route, own, readsAny);
        if (why !== undefined)
          yield { path: ['screens', plan, key], want: 'key', message: `${at} ${why}; take "${key}" out` };
      }
    }
  }
}

function whyUnfit({ method, screen, successStatus }: Route): string | undefined {
  if (method !== 'GET' && method !== 'QUERY') return 'is neither GET nor QUERY';
  if (successStatus !== 200) return `responds with ${successStatus}, and only a 200 has a 304 beside it`;
  const writes = screen?.plan.parts.some(({ node }) => callsOf(node).some(({ need }) => need === 'write'));
  return writes === true ? 'changes something' : undefined;
}

const ownHeadersOf = ({ screen, fixedHeaders }: Route): ReadonlySet<string> =>
  new Set(
    [...fixedHeaders.map(({ name }) => name), ...(screen?.head?.headers ?? [])].map((name) => name.toLowerCase()),
  );

type WhyNot = (route: Route, own: ReadonlySet<string>, readsAny: boolean) => string | undefined;

const whyNotUsed: WhyNot = (_route, own, readsAny) => {
  if (own.has('cache-control')) return 'sets cache-control itself';
  return readsAny
    ? "gets all of the request, so that nobody knows which fields its responses vary by; write @Headers('name') for each"
    : undefined;
};

/** By key of the policy. */
const whyNot = table<WhyNot>({
  etag: (_route, own) => (own.has('etag') ? 'sets etag itself' : undefined),
  // The method has made the input, so that its key says all.
  ttl: ({ screen }) =>
    (screen?.head?.cookies ?? []).length > 0 ? 'sets a cookie, which is for one response' : undefined,
  maxAge: whyNotUsed,
  cdn: (route, own, readsAny) =>
    route.access === 'public'
      ? whyNotUsed(route, own, readsAny)
      : 'is for one caller, and a CDN gives what it keeps to all of them',
});
