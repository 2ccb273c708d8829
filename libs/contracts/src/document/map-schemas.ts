import { isObject, mapMembers, type JsonObject } from './json.js';
import { keepOrigin } from './location.js';
import { memberKind, type NodeKind } from './node-kinds.js';

/**
 * A document in which `change` has replaced every schema, the outer ones first.
 * @param change returns the schema itself where nothing is to be changed
 * @returns the document itself where no schema was changed; nodes without a changed schema stay the same objects
 */
export function mapSchemas(document: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  const mapped = mapNode(document, 'object', change);
  return isObject(mapped) ? mapped : document;
}

function mapNode(node: unknown, kind: NodeKind, change: (schema: JsonObject) => JsonObject): unknown {
  if (kind === 'data' || kind === 'examples' || typeof node !== 'object' || node === null) return node;
  // `items` may be one schema or, before 2020-12, a list of them.
  const here = kind === 'schema-or-schemas' ? 'schema' : kind;
  if (Array.isArray(node)) {
    const items = node.map((item: unknown) => mapNode(item, here, change));
    return items.every((item, index) => item === node[index]) ? node : keepOrigin(items, node);
  }
  if (!isObject(node)) return node;
  const own = here === 'schema' ? change(node) : node;
  let isChanged = own !== node;
  const mapped = mapMembers(own, (value, key) => {
    const inner = mapNode(value, memberKind(here, key), change);
    if (inner !== value) isChanged = true;
    return inner;
  });
  return isChanged ? keepOrigin(mapped, node) : node;
}
