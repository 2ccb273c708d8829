import { table } from '@frontage/core';
import { isObject, mapMembers, type JsonObject } from './json.js';
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

/** The text of a `$ref` that is a reference for this kind of node. */
function referenceOf(node: JsonObject, kind: NodeKind): string | undefined {
  if (kind !== 'object' && kind !== 'schema') return undefined;
  return Object.hasOwn(node, '$ref') && typeof node.$ref === 'string' ? node.$ref : undefined;
}

export type ReferenceMapper = (node: JsonObject, reference: string, kind: NodeKind) => unknown;

/** A copy of a document in which `map` replaces every reference; data stays as it is. */
export function mapReferences(node: unknown, kind: NodeKind, map: ReferenceMapper): unknown {
  if (kind === 'data') return node;
  if (Array.isArray(node)) {
    const inner = kind === 'schema-or-schemas' ? 'schema' : kind;
    return keepOrigin(
      node.map((item) => mapReferences(item, kind === 'examples' ? 'data' : inner === 'map' ? 'object' : inner, map)),
      node,
    );
  }
  if (!isObject(node)) return node;
  // `items` may be one schema or, before 2020-12, a list of them.
  const here = kind === 'schema-or-schemas' ? 'schema' : kind;
  const reference = referenceOf(node, here);
  if (reference !== undefined) return map(node, reference, here);
  return mapMembers(node, (value, key) => {
    // An entry of `examples` is an Example Object or a reference to one; its value is data.
    if (here === 'examples')
      return isObject(value) && typeof value.$ref === 'string' ? mapReferences(value, 'object', map) : value;
    return mapReferences(value, memberKind(here, key), map);
  });
}
