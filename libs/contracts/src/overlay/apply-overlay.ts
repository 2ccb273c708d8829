import { JSONPathEnvironment, JSONPathError, type JSONValue } from 'json-p3';
import { isObject, type JsonObject } from '../document/json.js';
import { ContractError, keepOrigin, locationOf, type Location } from '../document/location.js';
import type { ParseLimits } from '../document/parse-document.js';
import { readOverlay, type OverlayAction, type OverlaySource } from './read-overlay.js';
import { matchedBeginning } from './unmatched-path.js';

/** Keys and indexes from the root of a document. */
type Place = readonly (string | number)[];

/**
 * The document with the actions of an OpenAPI Overlay applied in their order: `update` merges mappings and appends to lists, `remove`
 * deletes, `copy` merges a node of the document (1.1).
 * @throws {ContractError} with the place of the action, for one that is malformed, matches nothing or does not fit
 */
export function applyOverlay(document: unknown, source: OverlaySource, limits: ParseLimits): unknown {
  // A document is nested no deeper than its limit.
  const paths = new JSONPathEnvironment({ maxRecursionDepth: limits.maxDepth + 2 });
  return readOverlay(source, limits).reduce((changed, action) => apply(changed, action, paths), document);
}

function apply(document: unknown, action: OverlayAction, paths: JSONPathEnvironment): unknown {
  const { target, change, location, targetLocation } = action;
  const places = placesOf(document, target, targetLocation, paths);
  if (places.length === 0) {
    const beginning = isJson(document) ? matchedBeginning(document, target, paths) : undefined;
    const there = beginning === undefined ? '' : `: ${beginning}`;
    throw new ContractError(`the target ${target} matches nothing in the contract${there}`, targetLocation);
  }
  if (change.kind === 'remove') {
    if (places.some((place) => place.length === 0))
      throw new ContractError('the whole document cannot be removed', location);
    // The last items first, so that the places of the others stay.
    return places.toReversed().toSorted(laterFirst).reduce<unknown>(removed, document);
  }
  const value = change.kind === 'update' ? change.value : copied(document, change.from, action, paths);
  return places.reduce<unknown>(
    (changed, place) => replaced(changed, place, (node) => merged(node, value, action)),
    document,
  );
}

function copied(document: unknown, from: string, action: OverlayAction, paths: JSONPathEnvironment): unknown {
  const [place, ...others] = placesOf(document, from, action.location, paths);
  if (place !== undefined && others.length === 0) return nodeAt(document, place);
  const found = place === undefined ? 'nothing' : `${others.length + 1} nodes`;
  throw new ContractError(`the copy ${from} matches ${found}; it has to match one node`, action.location);
}

function placesOf(document: unknown, path: string, location: Location, paths: JSONPathEnvironment): readonly Place[] {
  if (!isJson(document)) return [];
  try {
    // A path may name a node twice, as `[0, 0]` does: it is changed once.
    const places = paths.query(path, document).locations();
    return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    throw new ContractError(`${path} is no JSONPath (RFC 9535): ${error.message}`, location);
  }
}

/** `update` of the Overlay specification, section 4.4.3. */
function merged(node: unknown, value: unknown, { target, location }: OverlayAction): unknown {
  if (Array.isArray(node)) return keepOrigin([...node, ...(Array.isArray(value) ? value : [value])], node);
  if (!isObject(node)) return value;
  if (isObject(value)) return mergedObject(node, value);
  const what = Array.isArray(value) ? 'a list' : JSON.stringify(value);
  throw new ContractError(`the target ${target} is a mapping, and ${what} cannot be merged into it`, location);
}

function mergedObject(node: JsonObject, value: JsonObject): JsonObject {
  const entries = Object.entries(value).map(([key, added]) => {
    const own = Object.hasOwn(node, key) ? node[key] : undefined;
    if (isObject(own) && isObject(added)) return [key, mergedObject(own, added)];
    if (Array.isArray(own) && Array.isArray(added)) return [key, keepOrigin([...own, ...added], own)];
    return [key, added];
  });
  const copy = { ...node, ...Object.fromEntries(entries) };
  return locationOf(node) === undefined ? keepOrigin(copy, value) : keepOrigin(copy, node);
}

/** A copy of the document in which one node is another; the other nodes are shared, so that aliases of YAML stay apart. */
function replaced(node: unknown, [key, ...rest]: Place, change: (node: unknown) => unknown): unknown {
  if (key === undefined) return change(node);
  if (Array.isArray(node))
    return keepOrigin(
      node.map((item: unknown, index) => (index === key ? replaced(item, rest, change) : item)),
      node,
    );
  if (!isObject(node) || !Object.hasOwn(node, key)) return node;
  return keepOrigin({ ...node, [key]: replaced(node[key], rest, change) }, node);
}

function removed(document: unknown, place: Place): unknown {
  const key = place.at(-1);
  return replaced(document, place.slice(0, -1), (parent) => {
    if (Array.isArray(parent)) return keepOrigin(parent.toSpliced(Number(key), 1), parent);
    if (!isObject(parent) || key === undefined) return parent;
    return keepOrigin(Object.fromEntries(Object.entries(parent).filter(([each]) => each !== key)), parent);
  });
}

function laterFirst(one: Place, other: Place): number {
  if (one.length !== other.length) return other.length - one.length;
  const [last, before] = [one.at(-1), other.at(-1)];
  return typeof last === 'number' && typeof before === 'number' ? before - last : 0;
}

function nodeAt(document: unknown, place: Place): unknown {
  let node = document;
  for (const key of place) {
    if (Array.isArray(node)) node = node[Number(key)];
    else node = isObject(node) ? node[key] : undefined;
  }
  return node;
}

/** A document that was parsed holds nothing but JSON. */
function isJson(value: unknown): value is JSONValue {
  return value === null || ['string', 'number', 'boolean', 'object'].includes(typeof value);
}
