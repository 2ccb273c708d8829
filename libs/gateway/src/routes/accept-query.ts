import type { Route, RouteTable } from './routes.js';

/**
 * The header fields of every response of a route, with `Accept-Query` where its path takes QUERY (RFC 10008 section 3): clients learn it from any
 * response, also from a refusal.
 * @param common of the app, flat
 */
export function withAcceptQuery(
  common: readonly string[],
  { path }: Route,
  table: RouteTable | undefined,
): readonly string[] {
  const taken = table?.routes.find((one) => one.method === 'QUERY' && one.path === path);
  return taken === undefined ? common : [...common, 'accept-query', taken.bodyMedia ?? 'application/json'];
}
