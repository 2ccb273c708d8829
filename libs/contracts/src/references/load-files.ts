import type { DocumentLoader, LoadedDocument } from '../document/document-loader.js';
import { isObject, member, memberObject, parsePointer, resolvePointer } from '../document/json.js';
import { referenceIn, visitNodes } from '../document/node-kinds.js';
import type { Resolver } from './resolver.js';

/**
 * Loads every file that a contract refers to.
 * @returns whether the contract has to be folded: it has several files, or references that are no pointers into it
 */
export async function loadFiles(entry: LoadedDocument, loader: DocumentLoader, resolver: Resolver): Promise<boolean> {
  const toFold = new Set<string>();
  const pending = [entry];
  const seen = new Set([entry.url]);
  for (let document = pending.pop(); document !== undefined; document = pending.pop()) {
    resolver.resources.add(document, document === entry);
    const urls = new Set<string>();
    const base = document;
    // A file that holds only a schema has the same references when it is read as a schema or as any other object.
    for (const kind of base === entry ? (['object'] as const) : (['object', 'schema'] as const)) {
      visitNodes(base.value, kind, (node, here, within) => {
        const reference = referenceIn(node, here);
        const found = reference === undefined ? [] : [reference];
        if (here === 'schema') found.push(...mappedFiles(node, entry));
        for (const each of found) {
          const url = resolver.fileOf(each, base, within);
          if (url !== undefined) urls.add(url);
        }
        if (base !== entry || reference === undefined) return;
        const isSection = here === 'map' || here === 'schemas';
        if (isSection || typeof member(node, '$ref') !== 'string' || !isPointer(reference, entry))
          toFold.add(reference);
      });
    }
    for (const url of urls) {
      if (seen.has(url)) continue;
      seen.add(url);
      const loaded = await loader.load(url);
      if (typeof loaded !== 'string') pending.push(loaded);
    }
  }
  return toFold.size > 0 || loader.count > 1 || resolver.resources.areNamed;
}

/** True if a reference is a pointer that leads somewhere in the document, so that nothing has to be done for it. */
function isPointer(reference: string, document: LoadedDocument): boolean {
  const tokens = reference.startsWith('#') ? parsePointer(reference.slice(1)) : undefined;
  return tokens !== undefined && resolvePointer(document.value, tokens) !== undefined;
}

/** The values of a mapping that may be files: a value that is the name of a component is none. */
function mappedFiles(schema: unknown, entry: LoadedDocument): readonly string[] {
  const discriminator = memberObject(schema, 'discriminator');
  const values = [
    ...Object.values(memberObject(discriminator, 'mapping') ?? {}),
    member(discriminator, 'defaultMapping'),
  ];
  const texts = values.filter((value) => typeof value === 'string');
  return texts.filter((value) => !value.startsWith('#') && /[./]/.test(value) && !isComponent(value, entry));
}

export function isComponent(name: string, { value }: LoadedDocument): boolean {
  const sections = [['components', 'schemas'], ['definitions']].map((tokens) => resolvePointer(value, tokens));
  return sections.some((section) => isObject(section) && Object.hasOwn(section, name));
}
