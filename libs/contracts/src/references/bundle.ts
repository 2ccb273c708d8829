import { isObject, mapMembers, member, resolvePointer, escapePointer, type JsonObject } from '../document/json.js';
import { ContractError, formatLocation, keepOrigin, locationOf, type ContractWarning } from '../document/location.js';
import type { DocumentLoader, LoadedDocument } from '../document/document-loader.js';
import { mapReferences, type Enclosing, type NodeKind } from '../document/node-kinds.js';
import { clean, ComponentNames, withSchemas } from './component-names.js';
import { DynamicScopes, noScope, outside, type DynamicScope } from './dynamic-scope.js';
import { foldDiscriminator, type KindNames } from './fold-discriminator.js';
import { loadFiles } from './load-files.js';
import { Resolver, type Target } from './resolver.js';
import { Resources } from './resources.js';
import { writeSections } from './sections.js';

export interface Bundle {
  /** One document whose references stay inside it; a reference that leads nowhere is left as it is. */
  readonly document: JsonObject;
  /** The reason why a reference that was left could not be followed, by its text. */
  readonly unresolved: ReadonlyMap<string, string>;
  readonly warnings: readonly ContractWarning[];
  /** True if other files were folded in. */
  readonly isFolded: boolean;
}

/**
 * Folds the files of a contract into one document: schemas become components under a name made from their file, everything else
 * replaces its reference. Component names of the entry document win, so a root that lists its files keeps the names it gave them.
 */
export async function bundle(given: LoadedDocument, loader: DocumentLoader): Promise<Bundle> {
  if (!isObject(given.value)) {
    throw new ContractError('an OpenAPI document is a mapping', { file: given.file, line: 1, column: 1 });
  }
  const warnings: ContractWarning[] = [];
  const root = await writeSections(given, given.value, loader, (warning) => warnings.push(warning));
  const entry = { ...given, value: root };
  const resolver = new Resolver(entry, loader, new Resources());
  if (!(await loadFiles(entry, loader, resolver)))
    return { document: root, unresolved: new Map(), warnings, isFolded: loader.count > 1 };
  return new Folder(entry, root, resolver, warnings).fold(loader.count > 1);
}

/** Members beside a `$ref` that add nothing to the schema behind it. */
const notes: ReadonlySet<string> = new Set(['$ref', 'description', 'summary', 'title']);

class Folder implements KindNames {
  readonly #unresolved = new Map<string, string>();
  /** Name of a folded schema. */
  readonly #names = new Map<unknown, string>();
  readonly #given: ComponentNames;
  readonly #queue: { name: string; target: Target; scope: DynamicScope }[] = [];
  readonly #section: readonly string[];
  readonly #told = new Set<string>();
  readonly #scopes: DynamicScopes;
  /** Names of schemas that dynamic anchors give another meaning, by the schemas that take part. */
  readonly #special = new Map<string, string>();
  readonly #numbers = new Map<unknown, number>();

  constructor(
    readonly entry: LoadedDocument,
    private readonly root: JsonObject,
    readonly resolver: Resolver,
    private readonly warnings: ContractWarning[],
  ) {
    this.#scopes = new DynamicScopes(resolver);
    this.#section = member(root, 'swagger') === undefined ? ['components', 'schemas'] : ['definitions'];
    this.#given = new ComponentNames(Object.keys(this.#schemas()));
  }

  fold(isFolded: boolean): Bundle {
    for (const [name, schema] of Object.entries(this.#schemas())) {
      const isName =
        isObject(schema) &&
        typeof schema.$ref === 'string' &&
        Object.keys(schema).every((key) => notes.has(key) || key.startsWith('x-'));
      const target = isName ? this.#target(schema, String(schema.$ref), this.entry, undefined) : undefined;
      const isFile = target !== undefined && target.document !== this.entry;
      const node = isFile ? target.node : schema;
      if (!isObject(node) || this.#names.has(node)) continue;
      this.#names.set(node, name);
      if (isFile) this.#queue.push({ name, target, scope: noScope });
    }
    const named = new Set(this.#queue.map(({ name }) => name));
    const folded = this.#map(this.root, 'object', this.entry, []);
    const document = isObject(folded) ? folded : {};
    const schemas: JsonObject = {};
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const { node, document: base } = next.target;
      schemas[next.name] = this.#map(node, 'schema', base, [], outside(next.target), next.scope);
    }
    const written = withSchemas(document, this.#section, (existing) => {
      const kept = mapMembers(existing, (schema, name) => (named.has(name) ? schemas[name] : schema));
      for (const [name, schema] of Object.entries(schemas)) if (!Object.hasOwn(kept, name)) kept[name] = schema;
      return kept;
    });
    return { document: written, unresolved: this.#unresolved, warnings: this.warnings, isFolded };
  }

  #schemas(): JsonObject {
    const schemas = resolvePointer(this.root, this.#section);
    return isObject(schemas) ? schemas : {};
  }

  #map(
    node: unknown,
    kind: NodeKind,
    base: LoadedDocument,
    inside: readonly unknown[],
    within?: Enclosing,
    scope: DynamicScope = noScope,
  ): unknown {
    return mapReferences(
      node,
      kind,
      {
        reference: (holder, reference, here, around) =>
          here === 'schema'
            ? this.#schemaReference(holder, reference, base, around, scope)
            : this.#objectReference(holder, reference, here, base, inside),
        discriminator: (discriminator, around) => foldDiscriminator(discriminator, base, around, this),
      },
      within,
    );
  }

  #schemaReference(
    holder: JsonObject,
    reference: string,
    base: LoadedDocument,
    within: Enclosing | undefined,
    scope: DynamicScope,
  ): unknown {
    const found = this.#target(holder, reference, base, within);
    const { $ref: kept, $dynamicRef: _, ...others } = holder;
    if (found === undefined) {
      const $ref = this.#lost(reference, base);
      return $ref === kept ? holder : keepOrigin({ ...others, $ref }, holder);
    }
    const anchor = kept === undefined ? reference.slice(reference.indexOf('#') + 1) : undefined;
    const isDynamic = anchor !== undefined && member(found.node, '$dynamicAnchor') === anchor;
    const target = isDynamic ? (scope.get(anchor) ?? found) : found;
    if (typeof target.node === 'boolean' && target.document !== this.entry) return target.node;
    const bound = this.#scopes.bound(target, this.#scopes.behind(scope, base, within));
    const $ref = bound.size === 0 ? this.toSchema(target) : this.#specialised(target, bound);
    return $ref === kept ? holder : keepOrigin({ ...others, $ref }, holder);
  }

  #objectReference(
    holder: JsonObject,
    reference: string,
    kind: NodeKind,
    base: LoadedDocument,
    inside: readonly unknown[],
  ): unknown {
    const target = this.#target(holder, reference, base, undefined);
    if (target === undefined) return holder;
    const isSection = kind === 'map' || kind === 'schemas';
    if (target.document === this.entry && target.fragment !== undefined && !isSection)
      return keepOrigin({ ...holder, $ref: `#${target.fragment}` }, holder);
    if (inside.includes(target.node)) {
      this.#unresolved.set(reference, `the reference ${reference} leads back to itself`);
      return holder;
    }
    const content = this.#map(target.node, kind, target.document, [...inside, target.node]);
    if (!isObject(content)) return content;
    const { $ref: _, ...siblings } = holder;
    return keepOrigin({ ...content, ...siblings }, content);
  }

  toSchema(target: Target): string {
    if (target.document === this.entry && target.fragment !== undefined) return `#${target.fragment}`;
    return this.#referenceTo(this.#names.get(target.node) ?? this.#nameFor(target));
  }

  isRenamed(target: Target): boolean {
    return this.toSchema(target).startsWith(this.#referenceTo(`${clean(target.stem)}_`));
  }

  /** A schema of its own for each meaning that dynamic anchors give to one. */
  #specialised(target: Target, scope: DynamicScope): string {
    const parts = [...scope].map(([anchor, { node }]) => `${anchor}=${this.#numberOf(node)}`);
    const key = [this.#numberOf(target.node), ...parts.toSorted()].join(' ');
    const known = this.#special.get(key);
    if (known !== undefined) return this.#referenceTo(known);
    const stems = [...scope.values()].map(({ node, stem }) => {
      const reference = member(node, '$ref');
      return typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : stem;
    });
    const name = this.#given.free([this.#names.get(target.node) ?? target.stem, ...stems].join('_'));
    this.#special.set(key, name);
    this.#queue.push({ name, target, scope });
    return this.#referenceTo(name);
  }

  #numberOf(node: unknown): number {
    const number = this.#numbers.get(node) ?? this.#numbers.size;
    this.#numbers.set(node, number);
    return number;
  }

  #referenceTo(name: string): string {
    return `#/${this.#section.join('/')}/${escapePointer(name)}`;
  }

  /** A place that a file lacks is lacking in the folded document, too: whoever reads that again finds the same. */
  #lost(reference: string, base: LoadedDocument): string {
    const found = this.resolver.resolve(reference, base, undefined);
    if (!('reason' in found) || !found.isDangling || (base === this.entry && reference.startsWith('#')))
      return reference;
    const stem = reference.slice(reference.lastIndexOf('/') + 1);
    const $ref = this.#referenceTo(this.#given.free(stem));
    this.#unresolved.set($ref, found.reason);
    return $ref;
  }

  #nameFor(target: Target): string {
    const name = this.#given.free(target.stem);
    this.#names.set(target.node, name);
    this.#queue.push({ name, target, scope: noScope });
    return name;
  }

  /** Follows a reference; undefined where it leads nowhere, and the reason is kept. */
  #target(
    holder: JsonObject,
    reference: string,
    base: LoadedDocument,
    within: Enclosing | undefined,
  ): Target | undefined {
    const target = this.resolver.resolve(reference, base, within);
    if ('reason' in target) {
      if (!reference.startsWith('#')) this.#unresolved.set(reference, target.reason);
      return undefined;
    }
    if (target.meant !== undefined && !(target.meant === 'entry' && base === this.entry)) {
      const place = target.meant === 'entry' ? `the one of ${this.entry.file}` : 'the one of the schema around it';
      const location = locationOf(holder) ?? { file: base.file, line: 1, column: 1 };
      const message = `${reference} is not in this ${target.meant === 'entry' ? 'file' : 'document'}; ${place} is meant`;
      // A schema that is folded under a name stands at its old place, too.
      const key = `${formatLocation(location)} ${message}`;
      const rule = `reference-to-${target.meant === 'entry' ? 'root' : 'schema'}`;
      if (!this.#told.has(key)) this.warnings.push({ rule, message, ...location });
      this.#told.add(key);
    }
    return target;
  }
}
