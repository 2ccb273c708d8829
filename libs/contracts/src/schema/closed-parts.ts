import {
  isObject,
  member,
  memberArray,
  memberObject,
  parsePointer,
  resolvePointer,
  type JsonObject,
} from '../document/json.js';
import { memberKind, type NodeKind } from '../document/node-kinds.js';

/** Longest chain of references and parts that is followed. */
const maxDepth = 20;

/**
 * The schemas whose `additionalProperties: false` would refuse every value, since they are put together with schemas that declare other
 * members: parts of one `allOf`, or a schema and its own `allOf` or choices. Their authors mean the members of all parts together (JSON
 * Schema core section 10.3.2.3 looks at the `properties` of the same schema object alone).
 */
export function closedParts(document: JsonObject): ReadonlySet<JsonObject> {
  const found = new Set<JsonObject>();
  const visit = (node: unknown, kind: NodeKind): void => {
    if (kind === 'data') return;
    if (Array.isArray(node)) {
      for (const item of node) visit(item, kind === 'schema-or-schemas' ? 'schema' : kind);
      return;
    }
    if (!isObject(node)) return;
    const here = kind === 'schema-or-schemas' ? 'schema' : kind;
    if (here === 'schema') for (const closed of closedIn(node, document)) found.add(closed);
    for (const [key, value] of Object.entries(node)) visit(value, memberKind(here, key));
  };
  visit(document, 'object');
  return found;
}

function closedIn(schema: JsonObject, document: JsonObject): readonly JsonObject[] {
  const parts = partsOf(schema, document, 0);
  const choices = [...memberArray(schema, 'oneOf'), ...memberArray(schema, 'anyOf')].map((choice) =>
    isObject(choice) ? partsOf(choice, document, 0) : [],
  );
  return (choices.length === 0 ? [[]] : choices).flatMap((choice) =>
    closedAmong([...new Set([...parts, ...choice])], parts),
  );
}

/** Those that are closed against a member of another one. Choices are not put together with each other. */
function closedAmong(together: readonly JsonObject[], parts: readonly JsonObject[]): readonly JsonObject[] {
  if (together.length < 2 || parts.length === 0) return [];
  const names = new Set(together.flatMap(namesOf));
  return together.filter((part) => {
    const own = new Set(namesOf(part));
    return member(part, 'additionalProperties') === false && [...names].some((name) => !own.has(name));
  });
}

const namesOf = (schema: JsonObject): readonly string[] => Object.keys(memberObject(schema, 'properties') ?? {});

/** A schema and all schemas that hold for the same value with it, which say something about members. */
function partsOf(schema: JsonObject, document: JsonObject, depth: number): readonly JsonObject[] {
  if (depth > maxDepth) return [];
  const reference = member(schema, '$ref');
  const tokens =
    typeof reference === 'string' && reference.startsWith('#') ? parsePointer(reference.slice(1)) : undefined;
  const target = tokens === undefined ? undefined : resolvePointer(document, tokens);
  const inner = [target, ...memberArray(schema, 'allOf')].filter(isObject);
  const isTelling = namesOf(schema).length > 0 || member(schema, 'additionalProperties') === false;
  return [...(isTelling ? [schema] : []), ...inner.flatMap((part) => partsOf(part, document, depth + 1))];
}
