import { table } from '@frontage/core';
import { isObject, mapMembers, member, type JsonObject } from './json.js';
import { keepOrigin } from './location.js';

/**
 * The kind of a node in an OpenAPI document. It decides whether `$ref` is a reference, the name of a property or a part of an example.
 */
export type NodeKind = 'object' | 'map' | 'schema' | 'schemas' | 'schema-or-schemas' | 'examples' | 'data';

const objectMembers: Readonly<Record<string, NodeKind>> = table({
  schema: 'schema',
  itemSchema: 'schema',
  schemas: 'schemas',
  definitions: 'schemas',
  items: 'schema',
  example: 'data',
  examples: 'examples',
  security: 'data',
  ...Object.fromEntries(
    [
      'paths',
      'webhooks',
      'pathItems',
      'responses',
      'parameters',
      'headers',
      'requestBodies',
      'links',
      'callbacks',
      'content',
    ].map((key) => [key, 'map']),
  ),
  ...Object.fromEntries(
    ['encoding', 'variables', 'securitySchemes', 'securityDefinitions', 'mediaTypes'].map((key) => [key, 'map']),
  ),
});

const schemaMembers: Readonly<Record<string, NodeKind>> = table({
  ...Object.fromEntries(
    ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'].map((key) => [key, 'schemas']),
  ),
  ...Object.fromEntries(['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'].map((key) => [key, 'schema-or-schemas'])),
  ...Object.fromEntries(
    [
      'additionalProperties',
      'not',
      'if',
      'then',
      'else',
      'contains',
      'propertyNames',
      'unevaluatedItems',
      'unevaluatedProperties',
      'contentSchema',
    ].map((key) => [key, 'schema']),
  ),
});

/** The kind of a member of a node of this kind. */
export function memberKind(kind: NodeKind, key: string): NodeKind {
  switch (kind) {
    case 'object':
      if (Object.hasOwn(objectMembers, key)) return objectMembers[key] ?? 'object';
      return key.startsWith('x-') ? 'data' : 'object';
    case 'schema':
      return Object.hasOwn(schemaMembers, key) ? (schemaMembers[key] ?? 'data') : 'data';
    case 'map':
      return 'object';
    case 'schemas':
    case 'schema-or-schemas':
      return 'schema';
    case 'examples':
    case 'data':
      return 'data';
  }
}

/** The schemas around a node, the nearest first. */
export interface Enclosing {
  readonly schema: JsonObject;
  readonly outer: Enclosing | undefined;
}

/** The text of a `$ref` that is a reference for this kind of node; a schema may have a `$dynamicRef` instead. */
export function referenceIn(node: JsonObject, kind: NodeKind): string | undefined {
  if (kind === 'data' || kind === 'examples') return undefined;
  if (Object.hasOwn(node, '$ref') && typeof node.$ref === 'string') return node.$ref;
  const isDynamic = kind === 'schema' && Object.hasOwn(node, '$dynamicRef');
  return isDynamic && typeof node.$dynamicRef === 'string' ? node.$dynamicRef : undefined;
}

export interface ReferenceMap {
  /**
   * The node instead of one with a reference.
   * @param node its other members are replaced already
   */
  reference(node: JsonObject, reference: string, kind: NodeKind, within: Enclosing | undefined): unknown;
  /** The discriminator instead of one that a schema has. @default it stays */
  discriminator?(discriminator: JsonObject, within: Enclosing): unknown;
}

/** A copy of a document in which `map` replaces every reference; data stays as it is. */
export function mapReferences(node: unknown, kind: NodeKind, map: ReferenceMap, within?: Enclosing): unknown {
  if (kind === 'data') return node;
  if (Array.isArray(node))
    return keepOrigin(
      node.map((item) => mapReferences(item, kindOfItems(kind), map, within)),
      node,
    );
  if (!isObject(node)) return node;
  // `items` may be one schema or, before 2020-12, a list of them.
  const here = kind === 'schema-or-schemas' ? 'schema' : kind;
  const around = here === 'schema' ? { schema: node, outer: within } : within;
  const mapped = mapMembers(node, (value, key) => {
    if (here === 'schema' && key === 'discriminator' && isObject(value) && around !== undefined)
      return map.discriminator === undefined ? value : map.discriminator(value, around);
    // An entry of `examples` is an Example Object or a reference to one; its value is data.
    if (here === 'examples')
      return isObject(value) && typeof value.$ref === 'string' ? mapReferences(value, 'object', map, around) : value;
    return mapReferences(value, memberKind(here, key), map, around);
  });
  const reference = referenceIn(node, here);
  return reference === undefined ? mapped : map.reference(mapped, reference, here, around);
}

/** Shows every mapping of a document that is no data, the outer ones first. */
export function visitNodes(
  node: unknown,
  kind: NodeKind,
  see: (node: JsonObject, kind: NodeKind, within: Enclosing | undefined) => void,
  within?: Enclosing,
): void {
  if (kind === 'data') return;
  if (Array.isArray(node)) for (const item of node) visitNodes(item, kindOfItems(kind), see, within);
  if (!isObject(node)) return;
  const here = kind === 'schema-or-schemas' ? 'schema' : kind;
  const around = here === 'schema' ? { schema: node, outer: within } : within;
  see(node, here, around);
  for (const key of Object.keys(node)) {
    const isReference = here === 'examples' && typeof member(node[key], '$ref') === 'string';
    visitNodes(node[key], isReference ? 'object' : memberKind(here, key), see, around);
  }
}

function kindOfItems(kind: NodeKind): NodeKind {
  if (kind === 'examples') return 'data';
  if (kind === 'schema-or-schemas') return 'schema';
  return kind === 'map' ? 'object' : kind;
}
