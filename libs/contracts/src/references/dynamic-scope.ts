import { isObject, member } from '../document/json.js';
import type { LoadedDocument } from '../document/document-loader.js';
import { visitNodes, type Enclosing } from '../document/node-kinds.js';
import type { Resolver, Target } from './resolver.js';

/** The schemas that the dynamic anchors stand for on a way through references (JSON Schema 2020-12 section 8.2.3.2): the outermost win. */
export type DynamicScope = ReadonlyMap<string, Target>;

export const noScope: DynamicScope = new Map();

/** Finds the schema that a `$dynamicRef` means, which depends on the way that led to it. */
export class DynamicScopes {
  readonly #needed = new Map<unknown, ReadonlySet<string>>();

  constructor(private readonly resolver: Resolver) {}

  /** The scope behind a reference: the anchors of the schema that holds it are added. */
  behind(scope: DynamicScope, document: LoadedDocument, within: Enclosing | undefined): DynamicScope {
    const own = this.resolver.resources.dynamicAnchors(document, within);
    if (own.size === 0) return scope;
    const found = new Map<string, Target>();
    for (const [stem, named] of own) found.set(stem, { ...named, fragment: undefined, stem });
    for (const [stem, outer] of scope) found.set(stem, outer);
    return found;
  }

  /** The anchors of a scope that change the meaning of a schema. */
  bound(target: Target, scope: DynamicScope): DynamicScope {
    if (scope.size === 0) return noScope;
    const own = this.resolver.resources.dynamicAnchors(target.document, chainOf(target));
    const needed = this.#neededBy(target);
    return new Map([...scope].filter(([name, to]) => needed.has(name) && own.get(name)?.node !== to.node));
  }

  /** The names of the dynamic references that a schema leads to. */
  #neededBy(start: Target): ReadonlySet<string> {
    const known = this.#needed.get(start.node);
    if (known !== undefined) return known;
    const names = new Set<string>();
    const seen = new Set<unknown>([start.node]);
    const pending = [start];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { document } = next;
      visitNodes(
        next.node,
        'schema',
        (node, _, within) => {
          const dynamic = member(node, '$dynamicRef');
          if (typeof dynamic === 'string') names.add(dynamic.slice(dynamic.indexOf('#') + 1));
          const reference = member(node, '$ref');
          const to = typeof reference === 'string' ? this.resolver.resolve(reference, document, within) : undefined;
          if (to === undefined || 'reason' in to || seen.has(to.node)) return;
          seen.add(to.node);
          pending.push(to);
        },
        outside(next),
      );
    }
    this.#needed.set(start.node, names);
    return names;
  }
}

/** The schemas around a target, without the target itself. */
export function outside({ node, within }: Target): Enclosing | undefined {
  return within?.schema === node ? within?.outer : within;
}

function chainOf(target: Target): Enclosing | undefined {
  return isObject(target.node) ? { schema: target.node, outer: outside(target) } : outside(target);
}
