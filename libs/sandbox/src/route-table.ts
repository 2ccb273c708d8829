import type { OperationDescription } from '@frontage/contracts';

export interface RouteMatch {
  readonly operation: OperationDescription;
  /** Values of the path parameters as they stand in the URL, still encoded. */
  readonly segments: ReadonlyMap<string, string>;
}

interface Route {
  readonly operation: OperationDescription;
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly weight: string;
}

/** Which operation of a contract a request asks for. `/orders/mine` goes before `/orders/{id}` (OpenAPI 3.1, Paths Object). */
export class RouteTable {
  readonly #routes: readonly Route[];

  constructor(operations: readonly OperationDescription[]) {
    this.#routes = operations.map(routeOf).toSorted((a, b) => (a.weight < b.weight ? -1 : Number(a.weight > b.weight)));
  }

  /** @returns the operation, or the methods that the path takes: none for an unknown path */
  match(method: string, path: string): RouteMatch | readonly string[] {
    const allowed: string[] = [];
    for (const { operation, expression, names } of this.#routes) {
      const found = expression.exec(path);
      if (found === null) continue;
      // A HEAD is a GET whose answer stays away (RFC 9110 section 9.3.2).
      if (operation.method === method || (method === 'HEAD' && operation.method === 'GET')) {
        return { operation, segments: new Map(names.map((name, index) => [name, found[index + 1] ?? ''])) };
      }
      allowed.push(operation.method);
    }
    return allowed;
  }
}

function routeOf(operation: OperationDescription): Route {
  const names: string[] = [];
  const parts = operation.path.split(/(\{[^{}]*\})/);
  const expression = parts.map((part) => {
    if (!part.startsWith('{')) return part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    names.push(part.slice(1, -1));
    return '([^/?]+)';
  });
  // Sorts segment by segment, the literal ones first.
  const weight = operation.path
    .split('/')
    .map((segment) => (segment.includes('{') ? '1' : '0'))
    .join('');
  return { operation, expression: new RegExp(`^${expression.join('')}$`), names, weight };
}
