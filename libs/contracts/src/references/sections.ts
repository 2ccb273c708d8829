import type { DocumentLoader, LoadedDocument } from '../document/document-loader.js';
import {
  escapePointer,
  isObject,
  mapMembers,
  member,
  parsePointer,
  resolvePointer,
  type JsonObject,
} from '../document/json.js';
import { ContractError, keepOrigin, locationOf, type ContractWarning } from '../document/location.js';
import { absolute } from './resources.js';

const ofComponents: ReadonlySet<string> = new Set(
  'schemas responses parameters examples requestBodies headers securitySchemes links callbacks pathItems mediaTypes'.split(
    ' ',
  ),
);
const ofDocument: ReadonlySet<string> = new Set('paths webhooks definitions parameters responses'.split(' '));

/** Longest chain of references from section to section. */
const maxHops = 20;

/**
 * The first document with each section that is a reference (`schemas: { $ref: all.yaml }`) written out: one reference per entry, so that an
 * entry keeps its name and its file.
 * @throws {ContractError} where the paths cannot be found
 */
export async function writeSections(
  entry: LoadedDocument,
  root: JsonObject,
  loader: DocumentLoader,
  warn: (warning: ContractWarning) => void,
): Promise<JsonObject> {
  const section = async (value: unknown, name: string): Promise<unknown> => {
    if (!isObject(value) || typeof value.$ref !== 'string') return value;
    const found = await contentOf(value.$ref, entry, loader);
    if (typeof found === 'string') {
      const location = locationOf(value) ?? { file: entry.file, line: 1, column: 1 };
      if (name === 'paths') throw new ContractError(`paths: ${found}`, location);
      warn({ rule: 'section', message: `${name}: ${found}; the section is left out`, ...location });
    }
    const { $ref: _, ...own } = value;
    if (typeof found === 'string') return keepOrigin(own, value);
    const entries = Object.keys(found.content).map((key) => {
      const reference = `${found.reference}/${encodeURI(escapePointer(key)).replaceAll('#', '%23')}`;
      return [key, keepOrigin({ $ref: reference }, value)] as const;
    });
    return keepOrigin({ ...Object.fromEntries(entries), ...own }, value);
  };
  const named = async (holder: JsonObject, names: ReadonlySet<string>): Promise<JsonObject> => {
    const written = new Map<string, unknown>();
    for (const [name, value] of Object.entries(holder))
      if (names.has(name)) written.set(name, await section(value, name));
    const isSame = [...written].every(([name, value]) => value === holder[name]);
    return isSame ? holder : mapMembers(holder, (value, name) => (written.has(name) ? written.get(name) : value));
  };
  const outer = await named(root, ofDocument);
  const components = await section(member(outer, 'components'), 'components');
  if (!isObject(components)) return outer;
  const inner = await named(components, ofComponents);
  return inner === outer['components'] ? outer : keepOrigin({ ...outer, components: inner }, outer);
}

/** The mapping behind a reference, and the reference to which the name of an entry is appended; or the reason why there is none. */
async function contentOf(
  reference: string,
  entry: LoadedDocument,
  loader: DocumentLoader,
): Promise<{ readonly reference: string; readonly content: JsonObject } | string> {
  let document = entry;
  let next = reference;
  for (let hops = 0; hops < maxHops; hops++) {
    const url = next.startsWith('#') ? document.url : absolute(next, document.url);
    if (url === undefined) return `${next} is no reference`;
    const loaded = url === entry.url ? entry : await loader.load(url);
    if (typeof loaded === 'string') return loaded;
    document = loaded;
    const fragment = next.includes('#') ? next.slice(next.indexOf('#') + 1) : '';
    const tokens = parsePointer(fragment);
    const content = tokens === undefined ? undefined : resolvePointer(document.value, tokens);
    if (!isObject(content)) return `the reference ${next} leads to no mapping`;
    const inner = member(content, '$ref');
    if (typeof inner !== 'string') {
      const file = document === entry ? '' : document.url;
      return { reference: `${file}#${fragment === '/' ? '' : fragment}`, content };
    }
    next = inner;
  }
  return `the reference ${reference} leads back to itself`;
}
