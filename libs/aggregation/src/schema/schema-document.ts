import type { Contract, JsonSchema } from '@frontage/core';
import { decodePointerToken, encodePointerToken, isRecord, isSchema, type SchemaObject } from './schema-reading.js';

/**
 * The schemas of one response, from several contracts, in one document: the component `Order` of the upstream `orders` becomes
 * `orders.Order`, so that references can move into the document of a BFF unchanged.
 */
const componentPrefix = '#/components/schemas/';

/** Keywords whose value is data and not a schema: copied unchanged. */
const dataKeywords: ReadonlySet<string> = new Set([
  'const',
  'enum',
  'required',
  'default',
  'type',
  'format',
  'pattern',
  'title',
  'description',
  'deprecated',
]);
/** Keywords whose value is a table of schemas by a name of its own. */
const tableKeywords: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependentSchemas']);
/** Keywords for readers of the contract, or for requests only: they are left out of a response schema. */
const droppedKeywords: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$defs',
  '$comment',
  'example',
  'examples',
  'xml',
  'externalDocs',
  'writeOnly',
]);

type Rename = (pointer: string) => string;

export class SchemaDocument {
  readonly #contracts = new Map<string, Contract>();
  readonly #lifted = new Map<string, JsonSchema>();

  /** A schema of a contract by its name; undefined where the contract has none. */
  ofContract(contract: Contract, name: string): JsonSchema | undefined {
    this.#contracts.set(contract.upstream, contract);
    const schema = contract.schemas.get(name);
    return schema === undefined ? undefined : lift(schema, renameIn(contract.upstream));
  }

  /** One of our own schemas (of `compute`, of a step): its named definitions become components named after `owner`. */
  ofOwn(schema: SchemaObject, owner: string): JsonSchema {
    const rename: Rename = (pointer) => {
      if (pointer === '#') return owner;
      return [owner, ...pointer.split('/').slice(2).map(decodePointerToken)].join('.');
    };
    const definitions = schema['$defs'];
    if (isRecord(definitions)) {
      for (const [name, definition] of Object.entries(definitions)) {
        if (isSchema(definition)) this.define(`${owner}.${name}`, lift(definition, rename));
      }
    }
    const lifted = lift(schema, rename);
    if (!JSON.stringify(schema).includes('"$ref":"#"')) return lifted;
    this.define(owner, lifted);
    return { $ref: referenceTo(owner) };
  }

  /** Adds a component. A second one of the same name must be the same. */
  define(name: string, schema: JsonSchema): void {
    const known = this.#lifted.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new TypeError(`two different schemas are named '${name}': give one of them another name`);
    }
    this.#lifted.set(name, schema);
  }

  component(name: string): JsonSchema {
    const known = this.#lifted.get(name);
    if (known !== undefined) return known;
    const found = this.#find(name);
    if (found === undefined) throw new TypeError(`the schema '${name}' is referred to, but no contract has it`);
    this.#lifted.set(name, found);
    return found;
  }

  #find(name: string): JsonSchema | undefined {
    for (const contract of this.#contracts.values()) {
      if (!name.startsWith(`${contract.upstream}.`)) continue;
      const path = name.slice(contract.upstream.length + 1);
      const schema = this.ofContract(contract, path) ?? pointedAt(contract, path);
      if (schema !== undefined) return schema;
    }
    return undefined;
  }

  /**
   * The schema itself where `schema` only refers to it. Other keywords beside a reference hold as well (JSON Schema 2020-12 section
   * 8.2.3.1).
   */
  resolve(schema: JsonSchema): JsonSchema {
    let found = schema;
    for (let hops = 0; typeof found === 'object' && typeof found['$ref'] === 'string'; hops += 1) {
      if (hops > 100) throw new TypeError(`the schema '${found['$ref']}' refers to nothing but itself`);
      const { $ref: pointer, ...beside } = found;
      const target = this.component(nameIn(pointer));
      found = hasConstraints(beside) ? { allOf: [this.resolve(target), beside] } : target;
    }
    return found;
  }

  /** The components that a schema needs, directly or through others. */
  reachable(root: JsonSchema): ReadonlyMap<string, JsonSchema> {
    const found = new Map<string, JsonSchema>();
    const open: unknown[] = [root];
    while (open.length > 0) {
      const value = open.pop();
      if (Array.isArray(value)) open.push(...value);
      else if (isRecord(value)) {
        for (const [keyword, member] of Object.entries(value)) {
          if (keyword !== '$ref' || typeof member !== 'string') open.push(member);
          else if (!found.has(nameIn(member))) {
            const component = this.component(nameIn(member));
            found.set(nameIn(member), component);
            open.push(component);
          }
        }
      }
    }
    return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}

export const referenceTo = (name: string): string => componentPrefix + encodePointerToken(name);
const nameIn = (pointer: string): string => decodePointerToken(pointer.slice(componentPrefix.length));

const hasConstraints = (schema: SchemaObject): boolean =>
  ['type', 'properties', 'required', 'allOf', 'oneOf', 'anyOf', 'enum', 'const', 'items', 'additionalProperties'].some(
    (keyword) => Object.hasOwn(schema, keyword),
  );

function renameIn(upstream: string): Rename {
  return (pointer) => {
    if (!pointer.startsWith(componentPrefix))
      throw new TypeError(`the contract of '${upstream}' refers to '${pointer}', which is not one of its components`);
    return `${upstream}.${pointer.slice(componentPrefix.length).split('/').map(decodePointerToken).join('/')}`;
  };
}

/** `Order/properties/lines`: a path inside a component. */
function pointedAt(contract: Contract, path: string): JsonSchema | undefined {
  const [name = '', ...tokens] = path.split('/');
  let found: unknown = contract.schemas.get(name);
  for (const token of tokens)
    found = isRecord(found) ? found[token] : Array.isArray(found) ? found[Number(token)] : undefined;
  return isSchema(found) ? lift(found, renameIn(contract.upstream)) : undefined;
}

function lift(schema: JsonSchema, rename: Rename): JsonSchema {
  if (typeof schema === 'boolean') return schema;
  const writeOnly = writeOnlyMembers(schema);
  const lifted: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (droppedKeywords.has(keyword)) continue;
    if (keyword === '$ref' && typeof value === 'string') lifted[keyword] = referenceTo(rename(value));
    else if (keyword === 'required' && Array.isArray(value))
      lifted[keyword] = value.filter((name) => !writeOnly.has(name));
    else if (dataKeywords.has(keyword)) lifted[keyword] = value;
    else if (keyword === 'discriminator' && isRecord(value)) lifted[keyword] = liftDiscriminator(value, rename);
    else if (tableKeywords.has(keyword) && isRecord(value)) lifted[keyword] = liftTable(value, rename, writeOnly);
    else lifted[keyword] = liftValue(value, rename);
  }
  return lifted;
}

const liftValue = (value: unknown, rename: Rename): unknown =>
  Array.isArray(value) ? value.map((item) => liftValue(item, rename)) : isRecord(value) ? lift(value, rename) : value;

function liftTable(table: SchemaObject, rename: Rename, without: ReadonlySet<unknown>): SchemaObject {
  // Names come from contracts: `__proto__` may be one of them, and fromEntries makes it an ordinary member.
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, schema]) => (without.has(name) ? [] : [[name, liftValue(schema, rename)]])),
  );
}

function liftDiscriminator(value: SchemaObject, rename: Rename): SchemaObject {
  const { mapping, defaultMapping } = value;
  // OpenAPI 3.1 section 4.8.25: a target is a reference, or the bare name of a component.
  const liftTarget = (target: unknown): string => {
    const pointer = String(target).startsWith('#') ? String(target) : componentPrefix + String(target);
    return referenceTo(rename(pointer));
  };
  return {
    ...value,
    ...(isRecord(mapping) && {
      mapping: Object.fromEntries(Object.entries(mapping).map(([tag, target]) => [tag, liftTarget(target)])),
    }),
    ...(typeof defaultMapping === 'string' && { defaultMapping: liftTarget(defaultMapping) }),
  };
}

/** Sent in requests only (OpenAPI 3.1 section 4.8.24.5, `writeOnly`): never part of a response. */
function writeOnlyMembers(schema: SchemaObject): ReadonlySet<unknown> {
  const properties = schema['properties'];
  if (!isRecord(properties)) return new Set();
  return new Set(
    Object.keys(properties).filter((name) => {
      const member = properties[name];
      return isRecord(member) && member['writeOnly'] === true;
    }),
  );
}
