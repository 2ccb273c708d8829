import type { OperationDescription } from '@frontage/contracts';

export interface RouteMatch {
  readonly operation: OperationDescription;
  /** Values of the path parameters as in the URL, still encoded. */
  readonly segments: ReadonlyMap<string, string>;
}

interface OperationRoute {
  readonly operation: OperationDescription;
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly weight: string;
}

/** The operations that a request may mean; several where they differ in more than method and path. */
export type RouteMatches = readonly [RouteMatch, ...RouteMatch[]];

/** Finds the operation of a request. `/orders/mine` wins over `/orders/{id}` (OpenAPI 3.1, Paths Object). */
export class OperationRoutes {
  readonly #routes: readonly OperationRoute[];
  readonly #prefixes: readonly string[];

  /** @param servers addresses of the contract: a request may have their path before that of the operation */
  constructor(operations: readonly OperationDescription[], servers: readonly string[]) {
    this.#routes = operations.map(routeOf).toSorted((a, b) => (a.weight < b.weight ? -1 : Number(a.weight > b.weight)));
    const all = [...servers, ...operations.flatMap((operation) => operation.servers ?? [])];
    const paths = all.map((server) => URL.parse(server, 'http://sandbox')?.pathname.replace(/\/+$/, '') ?? '');
    this.#prefixes = [...new Set(paths)].filter((path) => path !== '');
  }

  /** @returns the operations, or the allowed methods of the path: none for an unknown path */
  match(
    method: string,
    path: string,
    query: string,
  ): { readonly matches: RouteMatches } | { readonly allowed: readonly string[] } {
    const behind = this.#prefixes.filter((prefix) => path.startsWith(`${prefix}/`));
    const paths = [path, ...behind.map((prefix) => path.slice(prefix.length))];
    const allowed: string[] = [];
    for (const each of paths) {
      const [first, ...others] = closest(this.#matches(method, each, allowed), query);
      if (first !== undefined) return { matches: [first, ...others] };
    }
    return { allowed };
  }

  #matches(method: string, path: string, allowed: string[]): readonly RouteMatch[] {
    const found: RouteMatch[] = [];
    let weight: string | undefined;
    for (const route of this.#routes) {
      if (weight !== undefined && route.weight !== weight) break;
      const { operation, expression, names } = route;
      const match = expression.exec(path);
      if (match === null) continue;
      // A HEAD is a GET whose response has no content (RFC 9110 section 9.3.2).
      if (operation.method === method || (method === 'HEAD' && operation.method === 'GET')) {
        weight = route.weight;
        found.push({ operation, segments: new Map(names.map((name, index) => [name, match[index + 1] ?? ''])) });
      } else allowed.push(operation.method);
    }
    return found;
  }
}

/** Contracts with `/jobs?do=start` and `/jobs?do=stop` mean two operations: those whose query is present come first. */
function closest(matches: readonly RouteMatch[], query: string): readonly RouteMatch[] {
  const given = new Set(query.split('&'));
  const wantedBy = ({ operation: { path } }: RouteMatch): readonly string[] =>
    (path.split('#', 1)[0] ?? '').split('?').slice(1).join('?').split('&').filter(Boolean);
  return matches
    .filter((match) => wantedBy(match).every((pair) => given.has(pair)))
    .toSorted((a, b) => wantedBy(b).length - wantedBy(a).length);
}

// RFC 3986 section 3.3: characters that arrive percent-encoded.
const notPathText = /[^A-Za-z0-9\-._~!$&'()*+,;=:@%/]/gu;

function routeOf(operation: OperationDescription): OperationRoute {
  const names: string[] = [];
  // Neither a query nor a fragment is part of a path; contracts write them there to use one path twice.
  const [path = ''] = operation.path.split(/[?#]/, 1);
  const parts = path.split(/(\{[^{}]*\})/);
  const expression = parts.map((part) => {
    if (!part.startsWith('{'))
      return part.replaceAll(notPathText, encodeURIComponent).replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    names.push(part.slice(1, -1));
    return '([^/?]+)';
  });
  // Sorts segment by segment: the literal ones first, then those with more text around their parameters (`{sha}.diff`, `{sha}.{type}`).
  const weight = path
    .split('/')
    .map((segment) => {
      const text = segment.replaceAll(/\{[^{}]*\}/g, '').length;
      return String(segment.includes('{') ? 99 - Math.min(text, 98) : 0).padStart(2, '0');
    })
    .join('');
  return { operation, expression: new RegExp(`^${expression.join('')}$`), names, weight };
}
