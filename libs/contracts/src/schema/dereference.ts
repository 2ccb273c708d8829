import { circleFrom, circleText } from '../document/circular-references.js';
import { member, parsePointer, resolvePointer, type JsonObject } from '../document/json.js';
import { locationOf } from '../document/location.js';
import { ContractFault } from './schema-registry.js';

/** The object that a `$ref` names where no schema is expected: a parameter, a body, a response. */
export function dereference(document: JsonObject, node: unknown, unresolved: ReadonlyMap<string, string>): unknown {
  const circle = circleFrom(document, node);
  if (circle !== undefined) throw new ContractFault(circleText(circle), circle.location ?? locationOf(node));
  let found = node;
  for (let reference = member(found, '$ref'); typeof reference === 'string'; reference = member(found, '$ref')) {
    const reason = unresolved.get(reference);
    if (reason !== undefined) throw new ContractFault(reason, locationOf(found));
    const tokens = reference.startsWith('#') ? parsePointer(reference.slice(1)) : undefined;
    const target = tokens === undefined ? undefined : resolvePointer(document, tokens);
    if (target === undefined) throw new ContractFault(`the reference ${reference} leads nowhere`, locationOf(found));
    found = target;
  }
  return found;
}
