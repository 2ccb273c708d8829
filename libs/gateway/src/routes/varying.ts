import { callsOf } from '@frontage/aggregation';
import type { BffConfig } from '@frontage/config';
import type { Route } from './routes.js';

/** Of Nest's `RouteParamtypes`: the request, the session, the host, the address. */
const readsMore: ReadonlySet<number> = new Set([0, 7, 10, 11]);
const ofHeaders = 6;
const ofCookies: ReadonlySet<number> = new Set([14, 15]);

/** The request header fields that decide about a response (RFC 9110 section 12.5.5), as far as they are known at the start. */
export interface Varying {
  readonly names: readonly string[];
  /** Those that services get, in lower case. */
  readonly forwarded: readonly string[];
  /** The method gets all of the request, so that it may read any field. */
  readonly readsAny: boolean;
}

export function varyingOf({ screen, controller, handler, access }: Route, config: BffConfig): Varying {
  const calls = screen?.plan.parts.flatMap(({ node }) => callsOf(node)) ?? [];
  const forwarded = calls.flatMap(
    ({ operation }) => config.upstreams[operation.contract.upstream]?.forwardHeaders ?? [],
  );
  const args: unknown = Reflect.getMetadata('__routeArguments__', controller, handler);
  const parameters = Object.entries(typeof args === 'object' && args !== null ? args : {}).map(([key, given]) => ({
    kind: Number(key.split(':')[0]),
    name: nameOf(given),
  }));
  const named = parameters.flatMap(({ kind, name }) => {
    if (ofCookies.has(kind)) return ['cookie'];
    return kind === ofHeaders && name !== undefined ? [name] : [];
  });
  // Decorators of a team read the request; on a route with a caller, that of the caller is one of them.
  const isOwn = ({ kind }: { readonly kind: number }): boolean => access === 'public' && Number.isNaN(kind);
  const ofCaller =
    access === 'public' ? [] : ['authorization', ...(config.access?.sessions === undefined ? [] : ['cookie'])];
  return {
    forwarded: [...new Set(forwarded.map((name) => name.toLowerCase()))].toSorted(),
    names: [...new Set([...ofCaller, ...[...forwarded, ...named].map((name) => name.toLowerCase()).toSorted()])],
    readsAny: parameters.some(
      (one) => isOwn(one) || readsMore.has(one.kind) || (one.kind === ofHeaders && one.name === undefined),
    ),
  };
}

const nameOf = (parameter: unknown): string | undefined => {
  const data: unknown =
    typeof parameter === 'object' && parameter !== null ? Reflect.get(parameter, 'data') : undefined;
  return typeof data === 'string' ? data : undefined;
};
