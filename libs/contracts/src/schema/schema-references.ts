import type { JsonSchema } from '@frontage/core';
import { isObject } from '../document/json.js';
import { memberKind } from '../document/node-kinds.js';

const prefix = '#/components/schemas/';
const sameInstance: ReadonlySet<string> = new Set(
  'allOf anyOf oneOf not if then else dependentSchemas dependencies'.split(' '),
);

/** The component that a schema of a described contract refers to by its own `$ref`. */
export function referencedName(schema: JsonSchema): string | undefined {
  if (typeof schema === 'boolean') return undefined;
  const reference = schema.$ref;
  return typeof reference === 'string' && reference.startsWith(prefix) ? reference.slice(prefix.length) : undefined;
}

/**
 * The components that a schema refers to, each once, in the order of the text.
 * @param scope `same-instance` looks only at schemas for the same value: not into properties and items
 */
export function referencesOf(
  schema: JsonSchema,
  scope: 'everything' | 'same-instance' = 'everything',
): ReadonlySet<string> {
  const names = new Set<string>();
  collect(schema, scope, names);
  return names;
}

function collect(node: unknown, scope: 'everything' | 'same-instance', names: Set<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, scope, names);
    return;
  }
  if (!isObject(node)) return;
  const name = referencedName(node);
  if (name !== undefined) names.add(name);
  for (const [key, value] of Object.entries(node)) {
    const kind = memberKind('schema', key);
    if (kind === 'data' || (scope === 'same-instance' && !sameInstance.has(key))) continue;
    if (kind === 'schemas' && isObject(value)) for (const inner of Object.values(value)) collect(inner, scope, names);
    else collect(value, scope, names);
  }
}

/** The same schema with each schema directly inside it replaced; examples, defaults and other data stay as they are. */
export function mapSubschemas(
  schema: { readonly [keyword: string]: unknown },
  map: (inner: JsonSchema) => JsonSchema,
): { [keyword: string]: unknown } {
  const copy: { [keyword: string]: unknown } = {};
  const mapOne = (value: unknown): unknown => (isSchema(value) ? map(value) : value);
  for (const [key, value] of Object.entries(schema)) {
    const kind = memberKind('schema', key);
    if (kind === 'schemas' && isObject(value)) {
      copy[key] = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapOne(inner)]));
    } else if (kind === 'data') copy[key] = value;
    else copy[key] = Array.isArray(value) ? value.map(mapOne) : mapOne(value);
  }
  return copy;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || isObject(value);
}
