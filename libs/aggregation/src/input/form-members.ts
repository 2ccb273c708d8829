import { mediaKind, type BodySpec, type JsonSchema } from '@frontage/core';
import { isRecord, schemaMapIn, schemasIn, textsIn, typesIn, type SchemaObject } from '../schema/schema-reading.js';
import { partsOf, type RequestSchemas } from './request-schema.js';

/** A member of a `multipart/form-data` body, as its parts are read. */
export interface FormMember {
  /** Its parts are bytes, which pass through; the others are text or JSON. */
  readonly isFile: boolean;
  /** Its parts are the items of a list. */
  readonly isList: boolean;
  /** Each part is a JSON text. */
  readonly isJson: boolean;
  readonly isRequired: boolean;
  /** The media types that a part may have: `image/png`, `image/*`. Empty: any. */
  readonly types: readonly string[];
  /** Of a list: how many parts there are. */
  readonly atLeast: number;
  readonly atMost: number;
}

const alternatives = ['allOf', 'anyOf', 'oneOf'];

/** The members that a multipart body declares, by name. */
export function formMembers(
  { encoding = [] }: BodySpec,
  media: string,
  schema: JsonSchema,
  schemas: RequestSchemas,
): ReadonlyMap<string, FormMember> {
  const whole = partsOf(schema, schemas);
  const required = new Set(whole.flatMap((part) => textsIn(part, 'required')));
  const declared = new Map<string, JsonSchema[]>();
  // A member of an alternative is a member, too, and none that is required.
  for (const part of partsOf(schema, schemas, alternatives))
    for (const [name, own] of schemaMapIn(part, 'properties')) declared.set(name, [...(declared.get(name) ?? []), own]);
  return new Map(
    [...declared].map(([name, own]) => {
      const contentType = encoding.find((each) => each.name === name && (each.media ?? media) === media)?.contentType;
      return [name, memberOf({ own, contentType, schemas, isRequired: required.has(name) })];
    }),
  );
}

interface MemberParts {
  readonly own: readonly JsonSchema[];
  readonly contentType: string | undefined;
  readonly schemas: RequestSchemas;
  readonly isRequired: boolean;
}

function memberOf({ own, contentType, schemas, isRequired }: MemberParts): FormMember {
  const types = (contentType ?? '').split(',').flatMap((type) => type.trim().toLowerCase() || []);
  const isDeclaredJson = types.length > 0 && types.every((type) => mediaKind(type) === 'json');
  const parts = own.flatMap((each) => partsOf(each, schemas, alternatives));
  // A list that is declared to be JSON is one text (RFC 7578 section 4.3 otherwise: a part per item).
  const isList = !isDeclaredJson && parts.some((part) => isOf(part, 'array') || 'items' in part);
  const items = parts.flatMap((part) => (isRecord(part['items']) ? [part['items']] : schemasIn(part, 'items')));
  const ofItem = isList ? items.flatMap((item) => partsOf(item, schemas, alternatives)) : parts;
  const isFile =
    ofItem.some(isBytes) || (ofItem.every(saysNothing) && types.some((type) => mediaKind(type) === 'binary'));
  const isObject = ofItem.some((part) => isOf(part, 'object') || 'properties' in part || isOf(part, 'array'));
  const numbers = (keyword: string): number[] =>
    parts.flatMap((part) => (typeof part[keyword] === 'number' ? part[keyword] : []));
  const least = numbers('minItems');
  return {
    isFile,
    isList,
    isJson: !isFile && (isDeclaredJson || (types.length === 0 && isObject)),
    isRequired,
    types,
    // A list without items is not sent: a required one may only be empty where the contract states `minItems: 0`.
    atLeast: isList ? Math.max(0, ...(least.length === 0 && isRequired ? [1] : least)) : isRequired ? 1 : 0,
    atMost: isList ? Math.min(Number.POSITIVE_INFINITY, ...numbers('maxItems')) : 1,
  };
}

const isOf = (part: SchemaObject, type: string): boolean => typesIn(part)?.includes(type) === true;

const saysNothing = (part: SchemaObject): boolean =>
  ['type', 'properties', 'items', 'enum', 'const', 'pattern'].every((keyword) => !Object.hasOwn(part, keyword));

/** The bytes of a file stand in no JSON: OpenAPI 3.0 has `format: binary`, 3.1 a content type without an encoding. */
function isBytes(part: SchemaObject): boolean {
  const types = typesIn(part);
  if (types !== undefined && !types.includes('string')) return false;
  if (types !== undefined && part['format'] === 'binary') return true;
  return typeof part['contentMediaType'] === 'string' && part['contentEncoding'] === undefined;
}

/** A schema that files fit as well: they are judged while they arrive. */
export const withoutFiles = (schema: SchemaObject): SchemaObject =>
  isBytes(schema)
    ? {}
    : Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, withoutFilesIn(value)]));

const withoutFilesIn = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(withoutFilesIn) : isRecord(value) ? withoutFiles(value) : value;
