import { basename, extname } from 'node:path';
import type { DocumentLoader, LoadedDocument } from '../document/document-loader.js';
import { parsePointer, resolvePointer } from '../document/json.js';
import type { Enclosing } from '../document/node-kinds.js';
import { absolute, outermost, type NamedNode, type Resources } from './resources.js';

export interface Target extends NamedNode {
  /** The fragment that leads to it from the root of its document; undefined where it was found by another way. */
  readonly fragment: string | undefined;
  /** The word that a component made of it is called by. */
  readonly stem: string;
  /** The reference does not lead there by the letter; a schema around it, or the first document, has such a place. */
  readonly meant?: 'schema' | 'entry';
}

/** The reason why a reference cannot be followed. */
export interface Unresolved {
  readonly reason: string;
  /** The document that it names is there, and has no such place. */
  readonly isDangling: boolean;
}

/** Follows the references of a contract's documents. */
export class Resolver {
  constructor(
    private readonly entry: LoadedDocument,
    private readonly loader: DocumentLoader,
    readonly resources: Resources,
  ) {}

  /** @param within the schemas around the reference */
  resolve(reference: string, document: LoadedDocument, within: Enclosing | undefined): Target | Unresolved {
    const hash = reference.indexOf('#');
    const uri = hash < 0 ? reference : reference.slice(0, hash);
    const fragment = hash < 0 ? '' : reference.slice(hash + 1);
    if (uri === '') return this.#inside(reference, fragment, document, within);
    const root = this.#resource(uri, document, within);
    if ('reason' in root) return root;
    const found = this.#at(root, fragment);
    return found ?? nowhere(reference);
  }

  /** The URL of the file that a reference names, if it names one that is not known by its `$id`. */
  fileOf(reference: string, document: LoadedDocument, within: Enclosing | undefined): string | undefined {
    if (reference.startsWith('#')) return undefined;
    const known = absolute(reference, this.resources.baseOf(document, within));
    if (known !== undefined && this.resources.byUri(known) !== undefined) return undefined;
    return absolute(reference, document.url);
  }

  #resource(uri: string, document: LoadedDocument, within: Enclosing | undefined): NamedNode | Unresolved {
    const known = absolute(uri, this.resources.baseOf(document, within));
    const named = known === undefined ? undefined : this.resources.byUri(known);
    if (named !== undefined) return named;
    // If no schema has that `$id`, the reference is a file beside the document.
    const url = absolute(uri, document.url);
    if (url === undefined) return { reason: `${uri} is no reference`, isDangling: false };
    if (url === this.entry.url) return { document: this.entry, node: this.entry.value, within: undefined };
    const loaded = this.loader.loaded(url);
    if (loaded === undefined || typeof loaded === 'string')
      return { reason: loaded ?? `the reference ${uri} cannot be followed`, isDangling: false };
    return { document: loaded, node: loaded.value, within: undefined };
  }

  /** A reference that is only a fragment: in its resource, its document, the schemas around it, the first document. */
  #inside(
    reference: string,
    fragment: string,
    document: LoadedDocument,
    within: Enclosing | undefined,
  ): Target | Unresolved {
    const resource = this.resources.rootOf(document, within);
    const own = resource === document.value ? undefined : enclosingOf(resource, within);
    if (own !== undefined) {
      const found = this.#at({ document, node: resource, within: own }, fragment);
      if (found !== undefined) return found;
    }
    const top = within === undefined || parsePointer(fragment) !== undefined ? undefined : outermost(within);
    const near = top === undefined ? undefined : this.#at({ document, node: top.schema, within: top }, fragment);
    if (near !== undefined) return near;
    const inDocument = this.#at({ document, node: document.value, within: undefined }, fragment);
    if (inDocument !== undefined) return inDocument;
    for (let around = within; around !== undefined; around = around.outer) {
      const found = this.#at({ document, node: around.schema, within: around }, fragment);
      if (found !== undefined) return { ...found, meant: 'schema' };
    }
    // Files that are written to be bundled often say `#/components/...` and mean the root document.
    const inEntry = this.#at({ document: this.entry, node: this.entry.value, within: undefined }, fragment);
    return inEntry === undefined ? nowhere(reference) : { ...inEntry, meant: 'entry' };
  }

  #at(root: NamedNode, fragment: string): Target | undefined {
    const { document, node, within } = root;
    const isWhole = node === document.value;
    const tokens = parsePointer(fragment);
    if (tokens === undefined) {
      const named = this.resources.byAnchor(node, fragment);
      return named === undefined ? undefined : { ...named, fragment: undefined, stem: fragment };
    }
    const found = resolvePointer(node, tokens);
    if (found === undefined) return undefined;
    const stem = tokens.at(-1) ?? fileStem(document.url);
    return { document, node: found, within, fragment: isWhole ? fragment : undefined, stem };
  }
}

function fileStem(url: string): string {
  const [name = ''] = parsePointer(`/${basename(new URL(url).pathname)}`) ?? [];
  return basename(name, extname(name));
}

function enclosingOf(schema: unknown, within: Enclosing | undefined): Enclosing | undefined {
  for (let around = within; around !== undefined; around = around.outer) if (around.schema === schema) return around;
  return undefined;
}

function nowhere(reference: string): Unresolved {
  return { reason: `the reference ${reference} leads nowhere`, isDangling: true };
}
