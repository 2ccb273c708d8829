import type { JsonSchema } from '@frontage/core';
import {
  isObject,
  mapMembers,
  member,
  memberArray,
  memberObject,
  parsePointer,
  type JsonObject,
} from '../document/json.js';
import { keepOrigin } from '../document/location.js';
import { nullBesideOthers, reconcile, type Tell } from '../keywords/agreement.js';
import { classify } from '../keywords/classification.js';
import { withoutExcluded } from '../keywords/excluded-keywords.js';
import { keywordKinds, type KeywordKind } from '../keywords/keyword-table.js';
import { readKeyword, unknownKeyword } from '../keywords/keyword-values.js';
import { shown } from '../keywords/shown-value.js';
import { formOfVersion } from '../keywords/version-forms.js';
import { formatOfType } from '../keywords/written-types.js';
import { unsafePattern } from '../patterns/pattern-safety.js';

export interface DialectHooks {
  /** The reference to write instead of this one. */
  reference(reference: string, holder: JsonObject): string;
  /** The same for a value of a discriminator's mapping; undefined, with a warning, for a value that leads nowhere. */
  mapping(reference: string, holder: JsonObject): string | undefined;
  /**
   * Converts a part that may refer to a schema that is not there.
   * @param part `the member a`, for the warning
   * @returns undefined, with a warning, where it does
   */
  known(part: string, convert: () => JsonSchema): JsonSchema | undefined;
  /** @param key the keyword, where the message is about one */
  warn(rule: string, message: string, node: JsonObject, key?: string): void;
  /** True if `additionalProperties: false` of a schema would refuse the members of schemas that it is put together with. */
  isClosedPart?(schema: JsonObject): boolean;
  /** Of the document: `3.0.3`. Absent: forms of all versions are read without a warning. */
  readonly version?: string | undefined;
}

/**
 * A schema of any OpenAPI version as JSON Schema 2020-12: `nullable` becomes a type or a choice, boolean exclusive limits become
 * numbers, lists under `items` become `prefixItems`, an `example` one of the `examples`. Of extensions (`x-...`) only the classification stays. A keyword whose
 * value is of the wrong kind is made right or left out, with a warning, so that the result is a valid schema.
 */
export function toJsonSchema(schema: unknown, hooks: DialectHooks): JsonSchema {
  if (typeof schema === 'boolean') return schema;
  if (!isObject(schema)) return true;
  const reference = member(schema, '$ref');
  const { nullable, example, ...read } = withoutDependencies(readKeywords(schema, hooks));
  const isNullable = nullable === true;
  if (typeof reference === 'string') return nullableOr(referenceSchema(schema, reference, hooks), schema, isNullable);

  const result: JsonObject = {};
  for (const key of Object.keys(read)) {
    const value = convertKeyword(key, read[key], schema, hooks);
    if (value !== undefined) result[key] = value;
  }
  const tell: Tell = (key, message) => hooks.warn('keyword', message, schema, key);
  if (result.additionalProperties === false && hooks.isClosedPart?.(schema) === true) {
    delete result.additionalProperties;
    tell(
      'additionalProperties',
      'additionalProperties: false here refuses members that the schemas beside it declare; it is not checked',
    );
  }
  exclusiveLimit(result, 'exclusiveMinimum', 'minimum', tell);
  exclusiveLimit(result, 'exclusiveMaximum', 'maximum', tell);
  listedItems(result);
  const format = result.format ?? formatOfType(member(schema, 'type'));
  if (format !== undefined) result.format = format;
  const isChoiceOfNull = nullBesideOthers(result, tell);
  withoutExcluded(result, tell);
  reconcile(result, isNullable || isChoiceOfNull, tell);
  if (example !== undefined && result.examples === undefined) result.examples = [example];
  classify(result, schema, tell);
  return nullableOr(keepOrigin(result, schema), schema, isNullable || isChoiceOfNull);
}

/** The keywords of a schema, each with a value of the kind that it takes. */
function readKeywords(schema: JsonObject, hooks: DialectHooks): JsonObject {
  const read: JsonObject = {};
  for (const key of Object.keys(schema)) {
    if (key.startsWith('x-')) continue;
    const kind = keywordKinds[key];
    if (kind === undefined) {
      hooks.warn('keyword', unknownKeyword(key), schema, key);
      continue;
    }
    const { value, note = formOfVersion(key, schema[key], hooks.version) } = readKeyword(kind, key, schema[key]);
    if (note !== undefined) hooks.warn(rules[kind] ?? 'keyword', note, schema, key);
    if (value !== undefined) read[key] = value;
  }
  return read;
}

/** Kinds whose mistakes have a rule of their own in reports. */
const rules: Partial<Record<KeywordKind, string>> = {
  pattern: 'pattern',
  types: 'type',
};

function convertKeyword(key: string, value: unknown, schema: JsonObject, hooks: DialectHooks): unknown {
  const convert = (inner: unknown): JsonSchema => toJsonSchema(inner, hooks);
  const convertNamed = (inner: unknown, name: string): JsonSchema => {
    if (!isObject(inner) && typeof inner !== 'boolean' && isObject(value))
      hooks.warn('keyword', `${key}.${name} is ${shown(inner)}, not a schema; anything is taken`, value, name);
    return toJsonSchema(inner, hooks);
  };
  switch (keywordKinds[key]) {
    case 'patterns':
      return mapMembers(asObject(value), (inner, pattern) => {
        const reason = unsafePattern(pattern);
        if (reason === undefined) return convertNamed(inner, pattern);
        hooks.warn('pattern', `${reason}; it is not checked`, asObject(value), pattern);
        return undefined;
      });
    case 'schema':
      return convert(value);
    case 'schemas':
      if (key !== 'properties') return mapMembers(asObject(value), convertNamed);
      return mapMembers(asObject(value), (inner, name) => {
        return hooks.known(`the member ${name}`, () => convertNamed(inner, name)) ?? unknownMember;
      });
    case 'choices':
    case 'items':
      if (!Array.isArray(value)) return convert(value);
      if (key === 'allOf') return knownParts(value, hooks);
      return value.map((choice) => (isNull(choice, key, value) ? { type: 'null' } : convert(choice)));
    case 'tag':
      return discriminator(asObject(value), schema, hooks);
    default:
      return value;
  }
}

/** Generators for Rust write the choice of null as `{ nullable: true }`, which would allow anything beside the other choices. */
const isNull = (choice: unknown, keyword: string, choices: readonly unknown[]): boolean =>
  (keyword === 'anyOf' || keyword === 'oneOf') &&
  choices.length > 1 &&
  member(choice, 'nullable') === true &&
  Object.keys(asObject(choice)).every((key) => ['nullable', 'description', 'title', 'default'].includes(key));

const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** A member whose schema is not there: anything in a request, and never a part of a response. */
const unknownMember: JsonSchema = { writeOnly: true };

function knownParts(parts: readonly unknown[], hooks: DialectHooks): readonly JsonSchema[] | undefined {
  const known = parts.map((part) => hooks.known('this part of allOf', () => toJsonSchema(part, hooks)));
  const schemas = known.filter((part) => part !== undefined);
  return schemas.length === 0 ? undefined : schemas;
}

/** A boolean limit belongs to the limit beside it (OpenAPI 3.0). */
function exclusiveLimit(result: JsonObject, exclusive: string, inclusive: string, tell: Tell): void {
  if (typeof result[exclusive] !== 'boolean') return;
  if (result[exclusive] && typeof result[inclusive] === 'number') {
    result[exclusive] = result[inclusive];
    delete result[inclusive];
    return;
  }
  if (result[exclusive]) tell(exclusive, `${exclusive} is true without ${inclusive}; it is left out`);
  delete result[exclusive];
}

/** `dependencies` was split in two by 2019-09: lists of names, and schemas. */
function withoutDependencies({ dependencies, ...read }: JsonObject): JsonObject {
  if (!isObject(dependencies)) return read;
  const lists = mapMembers(dependencies, (value) => (Array.isArray(value) ? value : undefined));
  const schemas = mapMembers(dependencies, (value) => (Array.isArray(value) ? undefined : value));
  return { dependentRequired: lists, dependentSchemas: schemas, ...read };
}

/** A list under `items` is one schema per place (before 2020-12), and `additionalItems` are the others. */
function listedItems(result: JsonObject): void {
  const { items, additionalItems } = result;
  delete result.additionalItems;
  if (!Array.isArray(items)) return;
  result.prefixItems = items;
  delete result.items;
  if (additionalItems !== undefined) result.items = additionalItems;
}

/** OpenAPI 3.0 ignores keywords beside a reference, later versions do not; authors mean them in both cases. */
function referenceSchema(schema: JsonObject, reference: string, hooks: DialectHooks): JsonSchema {
  const { $ref: _, nullable: __, ...siblings } = schema;
  const beside = toJsonSchema(keepOrigin(siblings, schema), hooks);
  return keepOrigin(
    {
      $ref: hooks.reference(reference, schema),
      ...(isObject(beside) ? beside : {}),
    },
    schema,
  );
}

function nullableOr(schema: JsonSchema, source: JsonObject, isNullable: boolean): JsonSchema {
  if (!isNullable || typeof schema === 'boolean') return schema;
  const { type } = schema;
  const isPlain = !(
    '$ref' in schema ||
    'allOf' in schema ||
    'anyOf' in schema ||
    'oneOf' in schema ||
    'const' in schema
  );
  if (isPlain && (typeof type === 'string' || Array.isArray(type))) {
    const listed = Array.isArray(type) ? type : [type];
    const choices: unknown = schema.enum;
    return keepOrigin(
      {
        ...schema,
        type: listed.includes('null') ? listed : [...listed, 'null'],
        ...(Array.isArray(choices) && !choices.includes(null) ? { enum: [...choices, null] } : {}),
      },
      source,
    );
  }
  // Without a type, 3.0.3 says that `nullable` adds nothing: everything is allowed already.
  if (isPlain && !('enum' in schema)) return schema;
  return keepOrigin({ anyOf: [schema, { type: 'null' }] }, source);
}

/** OpenAPI 3.2 section 4.25: the mapping names components or refers to them, and without one the name of a component is the value. */
function discriminator(value: JsonObject, schema: JsonObject, hooks: DialectHooks): unknown {
  const target = (text: unknown): string | undefined =>
    typeof text === 'string' ? hooks.mapping(text, schema) : undefined;
  const mapping = mapMembers(memberObject(value, 'mapping') ?? {}, target);
  for (const [name, renamed] of renamedChoices(schema, hooks))
    if (!Object.hasOwn(mapping, name) && !Object.values(mapping).includes(renamed)) mapping[name] = renamed;
  const fallback = target(member(value, 'defaultMapping'));
  return {
    propertyName: value.propertyName,
    ...(Object.keys(mapping).length === 0 && member(value, 'mapping') === undefined ? {} : { mapping }),
    ...(fallback === undefined ? {} : { defaultMapping: fallback }),
  };
}

/** The choices whose component has another name here than in the contract. */
function* renamedChoices(schema: JsonObject, hooks: DialectHooks): Iterable<readonly [string, string]> {
  for (const choice of [...memberArray(schema, 'oneOf'), ...memberArray(schema, 'anyOf')]) {
    const reference = member(choice, '$ref');
    if (typeof reference !== 'string' || !isObject(choice)) continue;
    const name = parsePointer(reference.replace(/^#/, ''))?.at(-1);
    const written = hooks.reference(reference, choice);
    if (name !== undefined && written !== `#/components/schemas/${name}`) yield [name, written];
  }
}
