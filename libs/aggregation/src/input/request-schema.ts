import type { Contract, JsonSchema } from '@frontage/core';
import { isRecord, isSchema, schemaMapIn, schemasIn, textsIn, type SchemaObject } from '../schema/schema-reading.js';

const prefix = '#/components/schemas/';
const definitions = '#/$defs/';

/** Keywords for readers of the contract, or for responses alone. */
const dropped: ReadonlySet<string> = new Set([
  'readOnly',
  'examples',
  'discriminator',
  'xml',
  'externalDocs',
  '$comment',
]);
/** Keywords whose value is data and not a schema. */
const data: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'required', 'type']);
const tables: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependentSchemas']);
/** A list of objects is compared item by item: up to this many are. */
const mostUniqueItems = 1000;

/**
 * The schemas of one contract as a client of ours must keep to them: without members that only responses have, and with the digits of 64-bit
 * integers also as text, because a double cannot hold all of them.
 */
export class RequestSchemas {
  readonly #contract: Contract;
  /** By name in the contract. */
  readonly #known = new Map<string, JsonSchema>();

  constructor(contract: Contract) {
    this.#contract = contract;
  }

  /** The schema behind a name, without a reference at its root. */
  named(name: string): JsonSchema {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const found = this.#contract.schemas.get(name);
    if (found === undefined) {
      throw new TypeError(
        `inputOf(...): the client of '${this.#contract.upstream}' has no schema '${name}': generate it again with 'frontage upstream update'`,
      );
    }
    const made = this.#convert(found);
    this.#known.set(name, made);
    return made;
  }

  /** A reference to the schema behind a name. */
  referenceTo(name: string): string {
    return definitions + this.#publicName(name);
  }

  /** The schema that a reference of ours leads to. */
  behind(reference: string): JsonSchema | undefined {
    const name = this.#nameIn(reference);
    return name === undefined ? undefined : this.named(name);
  }

  /** A schema with all that it refers to beside it, as a document of its own. */
  document(schema: JsonSchema): SchemaObject {
    const found = new Map<string, JsonSchema>();
    const open: unknown[] = [schema];
    while (open.length > 0) {
      const value = open.pop();
      if (Array.isArray(value)) open.push(...value);
      else if (isRecord(value)) {
        for (const [keyword, member] of Object.entries(value)) {
          const name = keyword === '$ref' && typeof member === 'string' ? this.#nameIn(member) : undefined;
          if (name === undefined) open.push(member);
          else if (!found.has(name)) {
            const target = this.named(name);
            found.set(name, target);
            open.push(target);
          }
        }
      }
    }
    const root: SchemaObject = isRecord(schema) ? schema : { allOf: [schema] };
    if (found.size === 0) return root;
    return { ...root, $defs: Object.fromEntries([...found].map(([name, each]) => [this.#publicName(name), each])) };
  }

  /** In the document of a BFF, schemas of several contracts stand beside those of responses. */
  #publicName(name: string): string {
    return `${this.#contract.upstream}.${name}Input`;
  }

  #nameIn(reference: string): string | undefined {
    const start = `${definitions}${this.#contract.upstream}.`;
    return reference.startsWith(start) && reference.endsWith('Input') ? reference.slice(start.length, -5) : undefined;
  }

  #convert(schema: JsonSchema): JsonSchema {
    if (typeof schema === 'boolean') return schema;
    const members = schemaMapIn(schema, 'properties');
    const hidden = new Set([...members].flatMap(([name, member]) => (isReadOnly(member) ? [name] : [])));
    const made: Record<string, unknown> = {};
    for (const [keyword, value] of Object.entries(schema)) {
      if (dropped.has(keyword) || (keyword === 'uniqueItems' && !isShort(schema))) continue;
      if (keyword === '$ref' && typeof value === 'string' && value.startsWith(prefix)) {
        made[keyword] = this.referenceTo(value.slice(prefix.length));
      } else if (keyword === 'required') made[keyword] = textsIn(schema, keyword).filter((name) => !hidden.has(name));
      else if (data.has(keyword)) made[keyword] = value;
      else if (tables.has(keyword) && isRecord(value)) {
        const kept = Object.entries(value).filter(([name, member]) => {
          return keyword !== 'properties' || (!hidden.has(name) && !isMark(member));
        });
        made[keyword] = Object.fromEntries(kept.map(([name, member]) => [name, this.#inner(member)]));
      } else made[keyword] = this.#inner(value);
    }
    return isInteger64(schema) ? withText(made, schema['format'] === 'uint64') : made;
  }

  #inner(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item: unknown) => this.#inner(item));
    return isSchema(value) ? this.#convert(value) : value;
  }
}

/** The schemas of one value: itself, what it refers to, and the parts of its `allOf`; of its alternatives too, where asked. */
export function partsOf(
  schema: JsonSchema | undefined,
  schemas: RequestSchemas,
  keywords: readonly string[] = ['allOf'],
  seen = new Set<unknown>(),
): readonly SchemaObject[] {
  if (!isRecord(schema) || seen.has(schema)) return [];
  seen.add(schema);
  const reference = schema['$ref'];
  const target = typeof reference === 'string' ? schemas.behind(reference) : undefined;
  const inner = keywords.flatMap((keyword) => schemasIn(schema, keyword));
  return [schema, ...[target, ...inner].flatMap((part) => partsOf(part, schemas, keywords, seen))];
}

const isReadOnly = (schema: unknown): boolean => isRecord(schema) && schema['readOnly'] === true;

/** Says only in which direction a member travels that another part declares. */
const isMark = (schema: unknown): boolean =>
  isRecord(schema) && schema['writeOnly'] === true && Object.keys(schema).length === 1;

const isShort = ({ maxItems }: SchemaObject): boolean => typeof maxItems === 'number' && maxItems <= mostUniqueItems;

function isInteger64({ type, format }: SchemaObject): boolean {
  const types = new Set([type].flat());
  return (format === 'int64' || format === 'uint64') && types.has('integer') && !types.has('string');
}

function withText(schema: SchemaObject, isUnsigned: boolean): SchemaObject {
  const { description, title, default: byDefault, ...rules } = schema;
  const text = { type: 'string', pattern: isUnsigned ? '^[0-9]{1,20}$' : '^-?[0-9]{1,19}$' };
  return {
    ...(description !== undefined && { description }),
    ...(title !== undefined && { title }),
    ...(byDefault !== undefined && { default: byDefault }),
    anyOf: [rules, text],
  };
}
