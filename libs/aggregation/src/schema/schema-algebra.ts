import type { JsonSchema } from '@frontage/core';
import { acceptsNull } from './schema-navigation.js';
import type { SchemaDocument } from './schema-document.js';
import { isRecord, schemasIn, typesIn, valuesIn, type SchemaObject } from './schema-reading.js';

/** Combines schemas as expressions combine values. */
const NULL: JsonSchema = { type: 'null' };

/** The schema of one JSON value. */
export function literalSchema(value: unknown): JsonSchema {
  if (value === null) return NULL;
  if (Array.isArray(value)) {
    if (value.length === 0) return { type: 'array', maxItems: 0 };
    return { type: 'array', prefixItems: value.map(literalSchema), items: false, minItems: value.length };
  }
  if (isRecord(value)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return objectSchema(members.map(([name, member]) => ({ name, schema: literalSchema(member), optional: false })));
  }
  return { const: value };
}

export interface Member {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly optional: boolean;
}

/** An object that we build: it has these members and no others. */
export function objectSchema(members: readonly Member[]): JsonSchema {
  const required = members.filter((member) => !member.optional).map((member) => member.name);
  return {
    type: 'object',
    properties: Object.fromEntries(members.map((member) => [member.name, member.schema])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

/** A single constant may change later, so the document has its type. The tags of unions stay constants. */
export function widened(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean' || !('const' in schema) || Object.keys(schema).length > 1) return schema;
  return { type: typeof schema['const'] };
}

/** The schema with null allowed. */
export function nullable(schema: JsonSchema, document: SchemaDocument): JsonSchema {
  if (acceptsNull(schema, document)) return schema;
  if (isRecord(schema) && typeof schema['type'] === 'string' && valuesIn(schema) === undefined) {
    return { ...schema, type: [schema['type'], 'null'] };
  }
  return { anyOf: [schema, NULL] };
}

/** The schema without null, where it names null itself. */
export function withoutNull(schema: JsonSchema, document: SchemaDocument): JsonSchema {
  if (!acceptsNull(schema, document) || typeof schema === 'boolean') return schema;
  const found = document.resolve(schema);
  if (typeof found === 'boolean') return schema;
  const types = typesIn(found);
  const values = valuesIn(found)?.filter((value) => value !== null);
  if (types !== undefined) {
    const rest = types.filter((type) => type !== 'null');
    const { type: _, enum: __, ...others } = found;
    return {
      ...others,
      ...(rest.length > 0 && { type: rest.length === 1 ? rest[0] : rest }),
      ...(values !== undefined && { enum: values }),
    };
  }
  if (values !== undefined) return { ...found, enum: values };
  for (const keyword of ['anyOf', 'oneOf']) {
    const choices = schemasIn(found, keyword).filter((choice) => !isNull(choice, document));
    if (choices.length === 0) continue;
    const { [keyword]: _, ...others } = found;
    const [only = true] = choices;
    return choices.length === 1 && Object.keys(others).length === 0
      ? withoutNull(only, document)
      : { ...others, [keyword]: choices.map((choice) => withoutNull(choice, document)) };
  }
  return schema;
}

const isNull = (schema: JsonSchema, document: SchemaDocument): boolean => {
  const found = document.resolve(schema);
  return typeof found === 'object' && typesIn(found)?.every((type) => type === 'null') === true;
};

/** The union of schemas, in its shortest form. */
export function union(schemas: readonly JsonSchema[], document: SchemaDocument): JsonSchema {
  const all = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
  if (all.includes(true)) return true;
  const withNull = all.some((schema) => isRecord(schema) && schema['type'] === 'null');
  const rest = all.filter((schema) => !(isRecord(schema) && schema['type'] === 'null'));
  const kept = rest.filter((schema) => !rest.some((other) => other !== schema && covers(other, schema)));
  const first = kept[0];
  if (first === undefined) return NULL;
  const joined =
    kept.length === 1
      ? first
      : kept.every(isConstant)
        ? { enum: kept.map((schema) => schema['const']) }
        : { anyOf: kept };
  if (!withNull) return joined;
  return 'enum' in (isRecord(joined) ? joined : {}) && kept.every(isConstant)
    ? { enum: [...kept.map((schema) => schema['const']), null] }
    : nullable(joined, document);
}

const isConstant = (schema: JsonSchema): schema is SchemaObject => isRecord(schema) && 'const' in schema;

const isPlainType = (schema: SchemaObject): boolean => Object.keys(schema).every((keyword) => keyword === 'type');

/**
 * True if `wide` allows every value of `narrow`. True for a plain type beside one of its constants or some of its types, and for any list
 * beside an empty one.
 */
function covers(wide: JsonSchema, narrow: JsonSchema): boolean {
  if (!isRecord(wide) || !isRecord(narrow)) return false;
  if (narrow['type'] === 'array' && narrow['maxItems'] === 0) return typesIn(wide)?.includes('array') === true;
  if (isPlainType(wide) && isPlainType(narrow)) {
    const allowed = typesIn(wide) ?? [];
    return typesIn(narrow)?.every((type) => allowed.includes(type)) === true;
  }
  if (!('const' in narrow) || Object.keys(wide).some((keyword) => keyword !== 'type')) return false;
  const value = narrow['const'];
  const types = typesIn(wide) ?? [];
  return types.includes(typeof value) || (types.includes('integer') && Number.isInteger(value));
}
