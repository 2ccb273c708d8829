import { basename, extname } from 'node:path';
import { isObject, mapMembers, member, parsePointer, resolvePointer, escapePointer, type JsonObject } from './json.js';
import { ContractError, keepOrigin, locationOf, type ContractWarning } from './location.js';
import type { DocumentLoader, LoadedDocument } from './document-loader.js';
import { mapReferences, type NodeKind } from './node-kinds.js';

export interface Bundle {
  /** One document whose references stay inside it; a reference that leads nowhere is left as it is. */
  readonly document: JsonObject;
  /** Why a reference that was left could not be followed, by its text. */
  readonly unresolved: ReadonlyMap<string, string>;
  readonly warnings: readonly ContractWarning[];
  /** Whether other files were folded in. */
  readonly isFolded: boolean;
}

/**
 * Folds the files of a contract into one document: schemas become components under a name made from their file, everything else
 * replaces its reference. Component names of the entry document win, so a root that lists its files keeps the names it gave them.
 */
export async function bundle(entry: LoadedDocument, loader: DocumentLoader): Promise<Bundle> {
  if (!isObject(entry.value)) {
    throw new ContractError('an OpenAPI document is a mapping', { file: entry.file, line: 1, column: 1 });
  }
  const namesItself = await loadAll(entry, loader);
  if (loader.count === 1 && !namesItself) {
    return { document: entry.value, unresolved: new Map(), warnings: [], isFolded: false };
  }
  return new Folder(entry, entry.value, loader).fold();
}

/** @returns whether the first document refers to itself by its file name */
async function loadAll(entry: LoadedDocument, loader: DocumentLoader): Promise<boolean> {
  let namesItself = false;
  const pending = [entry];
  const seen = new Set([entry.url]);
  for (let document = pending.pop(); document !== undefined; document = pending.pop()) {
    const urls = new Set<string>();
    const base = document;
    // A file that holds only a schema has the same references when it is read as a schema or as any other object.
    for (const kind of base === entry ? (['object'] as const) : (['object', 'schema'] as const)) {
      mapReferences(base.value, kind, (node, reference) => {
        const url = targetUrl(reference, base.url);
        if (url !== undefined) urls.add(url);
        if (url === entry.url && base === entry) namesItself = true;
        return node;
      });
    }
    for (const url of urls) {
      if (seen.has(url)) continue;
      seen.add(url);
      const loaded = await loader.load(url);
      if (typeof loaded !== 'string') pending.push(loaded);
    }
  }
  return namesItself;
}

function targetUrl(reference: string, base: string): string | undefined {
  if (reference.startsWith('#')) return undefined;
  try {
    const url = new URL(reference, base);
    url.hash = '';
    return url.href;
  } catch {
    return undefined;
  }
}

interface Target {
  readonly document: LoadedDocument;
  readonly fragment: string;
  readonly node: unknown;
}

class Folder {
  readonly #unresolved = new Map<string, string>();
  readonly #warnings: ContractWarning[] = [];
  /** Name of a folded schema, by the file and pointer where it was written. */
  readonly #names = new Map<string, string>();
  readonly #taken: Set<string>;
  readonly #queue: { name: string; target: Target }[] = [];
  readonly #section: readonly string[];

  constructor(
    private readonly entry: LoadedDocument,
    private readonly root: JsonObject,
    private readonly loader: DocumentLoader,
  ) {
    this.#section = member(root, 'swagger') === undefined ? ['components', 'schemas'] : ['definitions'];
    this.#taken = new Set(Object.keys(this.#schemas()));
  }

  fold(): Bundle {
    for (const [name, schema] of Object.entries(this.#schemas())) {
      const target = this.#target(schema, this.entry);
      const key = target === undefined ? undefined : targetKey(target);
      if (target !== undefined && key !== undefined && target.document !== this.entry && !this.#names.has(key)) {
        this.#names.set(key, name);
        this.#queue.push({ name, target });
      }
    }
    const named = new Set(this.#queue.map(({ name }) => name));
    const folded = this.#map(this.root, 'object', this.entry, []);
    const document = isObject(folded) ? folded : {};
    const schemas: JsonObject = {};
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      schemas[next.name] = this.#map(next.target.node, 'schema', next.target.document, []);
    }
    const written = withSchemas(document, this.#section, (existing) => {
      const kept = mapMembers(existing, (schema, name) => (named.has(name) ? schemas[name] : schema));
      for (const [name, schema] of Object.entries(schemas)) if (!Object.hasOwn(kept, name)) kept[name] = schema;
      return kept;
    });
    return {
      document: written,
      unresolved: this.#unresolved,
      warnings: this.#warnings,
      isFolded: this.loader.count > 1,
    };
  }

  #schemas(): JsonObject {
    const schemas = resolvePointer(this.root, this.#section);
    return isObject(schemas) ? schemas : {};
  }

  #map(node: unknown, kind: NodeKind, base: LoadedDocument, inside: readonly string[]): unknown {
    return mapReferences(node, kind, (holder, reference, here) =>
      this.#reference(holder, reference, here, base, inside),
    );
  }

  #reference(
    holder: JsonObject,
    reference: string,
    kind: NodeKind,
    base: LoadedDocument,
    inside: readonly string[],
  ): unknown {
    const target = this.#target(holder, base);
    if (target === undefined) return holder;
    if (target.document === this.entry) return keepOrigin({ ...holder, $ref: `#${target.fragment}` }, holder);
    const key = targetKey(target);
    if (kind === 'schema') {
      const name = this.#names.get(key) ?? this.#nameFor(key, target);
      return keepOrigin({ ...holder, $ref: `#/${this.#section.join('/')}/${escapePointer(name)}` }, holder);
    }
    if (inside.includes(key)) {
      this.#unresolved.set(reference, `the reference ${reference} leads back to itself`);
      return holder;
    }
    const content = this.#map(target.node, kind, target.document, [...inside, key]);
    if (!isObject(content)) return content;
    const { $ref: _, ...siblings } = holder;
    return keepOrigin({ ...content, ...siblings }, content);
  }

  #nameFor(key: string, target: Target): string {
    const tokens = parsePointer(target.fragment) ?? [];
    const url = new URL(target.document.url);
    const last = tokens.at(-1) ?? basename(decodeURIComponent(url.pathname), extname(url.pathname));
    const stem = last.replaceAll(/[^A-Za-z0-9._-]+/g, '_').replaceAll(/^_+|_+$/g, '') || 'Schema';
    let name = stem;
    for (let count = 2; this.#taken.has(name); count++) name = `${stem}_${count}`;
    this.#taken.add(name);
    this.#names.set(key, name);
    this.#queue.push({ name, target });
    return name;
  }

  /** Follows a reference object; undefined where it leads nowhere, and the reason is kept. */
  #target(holder: unknown, base: LoadedDocument): Target | undefined {
    const reference = member(holder, '$ref');
    if (typeof reference !== 'string') return undefined;
    const url = targetUrl(reference, base.url) ?? (reference.startsWith('#') ? base.url : undefined);
    const document =
      url === base.url ? base : url === undefined ? `${reference} is no reference` : this.loader.loaded(url);
    if (document === undefined || typeof document === 'string') {
      this.#unresolved.set(reference, document ?? `the reference ${reference} cannot be followed`);
      return undefined;
    }
    const fragment = reference.includes('#') ? reference.slice(reference.indexOf('#') + 1) : '';
    const tokens = parsePointer(fragment);
    const node = tokens === undefined ? undefined : resolvePointer(document.value, tokens);
    if (node !== undefined) return { document, fragment, node };
    // Files that are written to be bundled often say `#/components/...` and mean the root document.
    const atRoot = tokens === undefined ? undefined : resolvePointer(this.entry.value, tokens);
    if (document === base && atRoot !== undefined) {
      const message = `${reference} is not in this file; the one of ${this.entry.file} is meant`;
      const location = locationOf(holder) ?? { file: base.file, line: 1, column: 1 };
      if (base !== this.entry) this.#warnings.push({ rule: 'reference-to-root', message, ...location });
      return { document: this.entry, fragment, node: atRoot };
    }
    this.#unresolved.set(reference, `the reference ${reference} leads nowhere`);
    return undefined;
  }
}

function targetKey(target: Target): string {
  return `${target.document.url}#${target.fragment}`;
}

function withSchemas(
  document: JsonObject,
  section: readonly string[],
  change: (schemas: JsonObject) => JsonObject,
): JsonObject {
  const [head, ...rest] = section;
  if (head === undefined) return change(document);
  const inner = member(document, head);
  return keepOrigin({ ...document, [head]: withSchemas(isObject(inner) ? inner : {}, rest, change) }, document);
}
