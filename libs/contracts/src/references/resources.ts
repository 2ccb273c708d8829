import type { LoadedDocument } from '../document/document-loader.js';
import { member, type JsonObject } from '../document/json.js';
import { visitNodes, type Enclosing } from '../document/node-kinds.js';

/** A schema that has a name of its own: an `$id`, or an anchor inside a resource. */
export interface NamedNode {
  readonly document: LoadedDocument;
  readonly node: unknown;
  /** The schemas around it, the schema itself first. */
  readonly within: Enclosing | undefined;
}

/** The schema resources and anchors of the documents of a contract (JSON Schema 2020-12 section 8.2, OpenAPI 3.2 section 4.1.2). */
export class Resources {
  readonly #byUri = new Map<string, NamedNode>();
  /** By the root of the resource: a schema with an `$id`, or a document. */
  readonly #anchors = new Map<unknown, Map<string, NamedNode>>();

  /** By the nearest schema with an `$id`, or the outermost one. */
  readonly #dynamic = new Map<unknown, Map<string, NamedNode>>();

  /** True if any document gives a name to a schema, or to itself. */
  get areNamed(): boolean {
    return this.#byUri.size > 0 || this.#anchors.size > 0;
  }

  add(document: LoadedDocument, isEntry: boolean): void {
    if (selfOf(document) !== undefined)
      this.#name(this.baseOf(document, undefined), { document, node: document.value, within: undefined });
    // A file that holds only a schema has its names when it is read as one.
    for (const kind of isEntry ? (['object'] as const) : (['object', 'schema'] as const)) {
      visitNodes(document.value, kind, (node, here, within) => {
        if (here !== 'schema' || within === undefined) return;
        const named = { document, node, within };
        if (idOf(node) !== undefined) this.#name(this.baseOf(document, within), named);
        // Components without an `$id` often repeat a name; each of them means its own.
        const roots = [this.rootOf(document, within), outermost(within).schema];
        for (const anchor of anchorsOf(node)) for (const root of roots) put(this.#anchors, root, anchor, named);
        const dynamic = member(node, '$dynamicAnchor');
        if (typeof dynamic === 'string') put(this.#dynamic, this.#ownerOf(document, within), dynamic, named);
      });
    }
  }

  byUri(uri: string): NamedNode | undefined {
    return this.#byUri.get(uri);
  }

  byAnchor(root: unknown, anchor: string): NamedNode | undefined {
    return this.#anchors.get(root)?.get(anchor);
  }

  /** The dynamic anchors of the schema resource that a place belongs to. */
  dynamicAnchors(document: LoadedDocument, within: Enclosing | undefined): ReadonlyMap<string, NamedNode> {
    return this.#dynamic.get(this.#ownerOf(document, within)) ?? new Map();
  }

  /** The base URI of a place: the `$id` of the schemas around it, each relative to the next one, and the URI of the document. */
  baseOf(document: LoadedDocument, within: Enclosing | undefined): string {
    const ids: string[] = [];
    for (let around = within; around !== undefined; around = around.outer) {
      const id = idOf(around.schema);
      if (id !== undefined) ids.unshift(id);
    }
    const self = selfOf(document);
    const own = self === undefined ? document.url : (absolute(self, document.url) ?? document.url);
    return ids.reduce((base, id) => absolute(id, base) ?? base, own);
  }

  /** The root of the resource that a place belongs to. */
  rootOf(document: LoadedDocument, within: Enclosing | undefined): unknown {
    for (let around = within; around !== undefined; around = around.outer)
      if (idOf(around.schema) !== undefined) return around.schema;
    return document.value;
  }

  #ownerOf(document: LoadedDocument, within: Enclosing | undefined): unknown {
    const root = this.rootOf(document, within);
    return root === document.value && within !== undefined ? outermost(within).schema : root;
  }

  #name(uri: string, named: NamedNode): void {
    if (!this.#byUri.has(uri)) this.#byUri.set(uri, named);
  }
}

export function outermost(within: Enclosing): Enclosing {
  let found = within;
  while (found.outer !== undefined) found = found.outer;
  return found;
}

function put(table: Map<unknown, Map<string, NamedNode>>, root: unknown, name: string, named: NamedNode): void {
  const known = table.get(root) ?? new Map<string, NamedNode>();
  if (!known.has(name)) known.set(name, named);
  table.set(root, known);
}

/** A URI without its fragment; undefined for a text that is none. */
export function absolute(reference: string, base: string): string | undefined {
  try {
    const url = new URL(reference, base);
    url.hash = '';
    return url.href;
  } catch {
    return undefined;
  }
}

function selfOf(document: LoadedDocument): string | undefined {
  const self = member(document.value, '$self');
  return typeof self === 'string' ? self : undefined;
}

/** An `$id` that is only a fragment is an anchor, as in draft 7. */
function idOf(schema: JsonObject): string | undefined {
  const id = member(schema, '$id');
  return typeof id === 'string' && id !== '' && !id.startsWith('#') ? id : undefined;
}

function anchorsOf(schema: JsonObject): readonly string[] {
  const id = member(schema, '$id');
  const old = typeof id === 'string' && /^#[^/]/.test(id) ? [id.slice(1)] : [];
  return [member(schema, '$anchor'), member(schema, '$dynamicAnchor'), ...old].filter(
    (each) => typeof each === 'string',
  );
}
