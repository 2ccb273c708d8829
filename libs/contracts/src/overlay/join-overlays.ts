import { isMap, isNode, isSeq, parseDocument as parseYaml, visit, type Document } from 'yaml';
import { defaultLimits } from '../document/parse-document.js';
import { readOverlay, type OverlaySource } from './read-overlay.js';

/**
 * The text of one overlay with the actions of several, in their order. A single one stays as it is written; comments of the others stay
 * with their actions.
 * @throws {ContractError} with file, line and column, for a text that is no overlay
 */
export function joinOverlays(sources: readonly OverlaySource[]): string {
  for (const source of sources) readOverlay(source, defaultLimits);
  const [first, ...others] = sources;
  if (first === undefined || others.length === 0) return first?.text ?? '';
  const joined = parse(first);
  const actions = joined.get('actions');
  for (const document of others.map(parse)) {
    const more = document.get('actions');
    if (!isSeq(actions) || !isSeq(more)) continue;
    // `copy` is known since 1.1.
    if (String(document.get('overlay')) > String(joined.get('overlay'))) joined.set('overlay', document.get('overlay'));
    // An alias may refer to a place outside of the actions: then its value stands in its place.
    if (hasAliases(document))
      actions.items.push(...more.toJS(document).map((action: unknown) => joined.createNode(action)));
    else {
      // A comment above the first action stands above the list.
      const [firstOfMore] = more.items;
      if (isNode(firstOfMore)) firstOfMore.commentBefore ??= more.commentBefore ?? null;
      actions.items.push(...more.items);
    }
  }
  return joined.toString({ lineWidth: 0 });
}

function parse({ text }: OverlaySource): Document {
  const document: Document = parseYaml(text, { uniqueKeys: false, logLevel: 'silent' });
  if (isMap(document.contents)) return document;
  throw new TypeError('an overlay that was read is a mapping');
}

function hasAliases(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}
