import type { JsonSchema } from '@frontage/core';
import { referencedName, referencesOf } from '@frontage/contracts';
import {
  guardName,
  hasDirection,
  isAnyObject,
  isBinary,
  isInteger64,
  isMark,
  isPrimitive,
  isScalarType,
  isSchema,
  isSchemaObject,
  listOf,
  namesIn,
  saysNothing,
  type SchemaObject,
} from './schema-objects.js';
import { commentText } from './source-text.js';
import { tagsOf } from './type-discriminator.js';
import { settleRequired } from './type-required.js';

/** `read` is for responses. `write` is for requests: read-only members are not sent, binary ones are bytes. */
export type TypeDirection = 'read' | 'write';

export interface ComponentType {
  readonly name: string;
  readonly direction: TypeDirection;
  /** True if reading and writing have the same type. */
  readonly isShared: boolean;
}

/** The type of bytes; the emitter gets its name like that of any component. */
export const bytesKey = 'bytes';

/** The type of an integer of 64 bits in a request. */
export const integer64Key = 'integer64';

function integer64Of(schema: SchemaObject): SchemaObject {
  const integer = { $ref: `#/components/schemas/${integer64Key}` };
  const others = listOf(schema.type).filter((type) => type !== 'integer' && type !== 'number');
  return others.length === 0 ? integer : { anyOf: [integer, ...others.map((type) => ({ type }))] };
}

/**
 * Reduces schemas to keywords that a type can express, in forms that the emitter handles well: one meaning per schema, no annotations
 * except descriptions, references by key.
 */
export class TypeSchemas {
  readonly #keys = new Map<string, string>();
  readonly components = new Map<string, ComponentType>();
  readonly #schemas = new Map<string, JsonSchema>();

  constructor(private readonly source: ReadonlyMap<string, JsonSchema>) {}

  /** Adds a type. @returns its key */
  add(schema: JsonSchema, direction: TypeDirection): string {
    const key = `t${this.#schemas.size}`;
    // The key is reserved before the schema is read, so that its number does not depend on inner schemas.
    this.#schemas.set(key, true);
    this.#schemas.set(key, this.#reduce(schema, direction));
    return key;
  }

  /** All of them by key, for the emitter. */
  schemas(): ReadonlyMap<string, JsonSchema> {
    return settleRequired(this.#schemas);
  }

  #componentKey(name: string, direction: TypeDirection): string {
    const isShared = !this.#isDirected(name);
    const id = `${isShared ? 'read' : direction} ${name}`;
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    const key = `t${this.#schemas.size}`;
    this.#keys.set(id, key);
    this.components.set(key, { name, direction: isShared ? 'read' : direction, isShared });
    this.#schemas.set(key, true);
    this.#schemas.set(key, this.#reduce(this.source.get(name) ?? true, direction));
    return key;
  }

  readonly #directed = new Map<string, boolean>();

  #isDirected(name: string): boolean {
    const known = this.#directed.get(name);
    if (known !== undefined) return known;
    const pending = [name];
    const seen = new Set(pending);
    let found = false;
    for (let next = pending.pop(); next !== undefined && !found; next = pending.pop()) {
      const schema = this.source.get(next) ?? true;
      found = hasDirection(schema);
      for (const reference of referencesOf(schema)) {
        if (!seen.has(reference)) pending.push(reference);
        seen.add(reference);
      }
    }
    this.#directed.set(name, found);
    return found;
  }

  #reduce(schema: JsonSchema, direction: TypeDirection): JsonSchema {
    if (schema === true) return {};
    if (schema === false) return { enum: [] };
    const reduced = this.#reduceObject(schema, direction);
    const description = typeof schema.description === 'string' ? commentText(schema.description) : '';
    return {
      ...reduced,
      ...(description === '' ? {} : { description }),
      ...(schema.deprecated === true ? { deprecated: true } : {}),
    };
  }

  #reduceObject(schema: SchemaObject, direction: TypeDirection): SchemaObject {
    const reference = referencedName(schema);
    if (reference !== undefined) {
      const { $ref: _, ...siblings } = schema;
      const beside = this.#reduceObject(siblings, direction);
      const target = { $ref: `#/components/schemas/${this.#componentKey(reference, direction)}` };
      return saysNothing(beside) || isAnyObject(beside) ? target : { allOf: [target, beside] };
    }
    if (direction === 'write' && isBinary(schema)) return { $ref: `#/components/schemas/${bytesKey}` };
    if (direction === 'write' && isInteger64(schema) && schema.const === undefined && schema.enum === undefined)
      return integer64Of(schema);
    if (schema.const !== undefined) {
      if (schema.const === null) return { type: 'null' };
      if (isPrimitive(schema.const)) return { const: schema.const };
    }
    const choices = schema.enum;
    if (Array.isArray(choices) && choices.length > 0 && choices.every(isPrimitive))
      return { enum: [...new Set(choices)] };

    const core = this.#core(schema, direction);
    const parts = [
      core,
      ...this.#all(schema, core, direction),
      ...this.#choice(schema, 'anyOf', direction),
      ...this.#choice(schema, 'oneOf', direction),
    ];
    const telling = parts.filter((part) => !saysNothing(part));
    const specific = telling.filter((part) => !isAnyObject(part));
    const [first, ...rest] = specific.length > 0 ? specific : telling.slice(0, 1);
    if (first === undefined) return {};
    if (rest.length === 0) return first;
    const required = [schema, ...listOf(schema.allOf).filter(isSchemaObject)].flatMap((part) => namesIn(part.required));
    return { allOf: specific, ...(required.length === 0 ? {} : { required }) };
  }

  /** Type, members and items. */
  #core(schema: SchemaObject, direction: TypeDirection): SchemaObject {
    const types = [...new Set(listOf(schema.type).map((type) => (type === 'integer' ? 'number' : type)))];
    const properties = this.#properties(schema, direction);
    const names = Object.keys(properties);
    const required = namesIn(schema.required).filter((name) => Object.hasOwn(properties, name));
    const isList =
      types.includes('array') ||
      (types.length === 0 && (isSchemaObject(schema.items) || Array.isArray(schema.prefixItems)));
    return {
      ...(types.length === 0 ? (isList ? { type: 'array' } : {}) : { type: types.length === 1 ? types[0] : types }),
      ...(names.length === 0 ? {} : { properties }),
      ...(required.length === 0 ? {} : { required }),
      ...this.#additional(schema, names.length > 0, direction),
      ...(isList ? this.#items(schema, direction) : {}),
    };
  }

  #properties(schema: SchemaObject, direction: TypeDirection): { [name: string]: JsonSchema } {
    const hidden = direction === 'read' ? 'writeOnly' : 'readOnly';
    const properties: { [name: string]: JsonSchema } = {};
    for (const [name, property] of Object.entries(isSchemaObject(schema.properties) ? schema.properties : {})) {
      if (!isSchema(property) || (isSchemaObject(property) && (property[hidden] === true || isMark(property))))
        continue;
      properties[guardName(name)] = this.#reduce(property, direction);
    }
    return properties;
  }

  /**
   * Beside declared members an index signature would let every misspelled name compile, so responses have none; a request may have more
   * members where the contract allows it.
   */
  #additional(schema: SchemaObject, hasProperties: boolean, direction: TypeDirection): SchemaObject {
    const additional = schema.additionalProperties;
    if (hasProperties) {
      return direction === 'write' && (additional === true || isSchemaObject(additional))
        ? { additionalProperties: true }
        : {};
    }
    if (additional === true) return { additionalProperties: true };
    if (isSchemaObject(additional)) return { additionalProperties: this.#reduce(additional, direction) };
    if (!isSchemaObject(schema.patternProperties)) return {};
    const patterns = Object.values(schema.patternProperties).filter(isSchema);
    return patterns.length === 0
      ? {}
      : { additionalProperties: { anyOf: patterns.map((each) => this.#reduce(each, direction)) } };
  }

  #items(schema: SchemaObject, direction: TypeDirection): SchemaObject {
    if (Array.isArray(schema.prefixItems))
      return { prefixItems: schema.prefixItems.filter(isSchema).map((item) => this.#reduce(item, direction)) };
    return isSchema(schema.items) ? { items: this.#reduce(schema.items, direction) } : {};
  }

  #all(schema: SchemaObject, core: SchemaObject, direction: TypeDirection): SchemaObject[] {
    return listOf(schema.allOf)
      .filter(isSchemaObject)
      .map((part) => this.#reduceObject(part, direction))
      .filter((part) => !(isScalarType(part) && part.type === core.type));
  }

  #choice(schema: SchemaObject, keyword: 'anyOf' | 'oneOf', direction: TypeDirection): SchemaObject[] {
    const choices = listOf(schema[keyword]).filter(isSchema);
    if (choices.length === 0) return [];
    const tags = tagsOf(schema, choices, (name) => this.source.get(name));
    const reduced = choices.map((choice, index) => {
      const type = isSchemaObject(choice) ? this.#reduceObject(choice, direction) : {};
      const tag = tags[index];
      return tag === undefined ? type : { allOf: [type, tag] };
    });
    // A choice with an alternative that has no type (`required: [a]`) has no type itself.
    if (reduced.some(saysNothing)) return [];
    const [only] = reduced;
    return [only !== undefined && reduced.length === 1 ? only : { anyOf: reduced }];
  }
}
