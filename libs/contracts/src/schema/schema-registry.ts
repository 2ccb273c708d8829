import type { JsonSchema } from '@frontage/core';
import {
  escapePointer,
  isObject,
  memberText,
  parsePointer,
  resolvePointer,
  type JsonObject,
} from '../document/json.js';
import { locationOf, type ContractWarning, type Location } from '../document/location.js';
import { closedParts } from './closed-parts.js';
import { referencesOf } from './schema-references.js';
import { toJsonSchema, type DialectHooks } from './schema-dialect.js';

/** The reason why an operation cannot be used, with its location in the contract. */
export class ContractFault extends Error {
  constructor(
    readonly reason: string,
    readonly location: Location | undefined,
    /** A reference names a place of the contract that is not there: only the part that needs it is unusable. */
    readonly isDangling = false,
  ) {
    super(reason);
  }
}

interface ComponentEntry {
  readonly schema: JsonSchema;
  readonly references: readonly string[];
  /** Its location in the contract. */
  readonly location: Location | undefined;
  readonly fault?: ContractFault;
}

/**
 * The component schemas of one document in JSON Schema 2020-12, each converted when it is first referred to. A schema that is referred
 * to by its pointer (`#/paths/.../schema`) becomes a component too, so that every reference reads `#/components/schemas/<name>`.
 */
export class SchemaRegistry {
  readonly #entries = new Map<string, ComponentEntry>();
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #warned = new Set<string>();
  readonly #closedParts: ReadonlySet<JsonObject>;

  constructor(
    private readonly document: JsonObject,
    private readonly unresolved: ReadonlyMap<string, string>,
    private readonly warn: (warning: ContractWarning) => void,
  ) {
    this.#closedParts = closedParts(document);
    const components = resolvePointer(document, ['components', 'schemas']);
    // All names are claimed first, so that a name made here never takes one of the contract.
    for (const name of isObject(components) ? Object.keys(components) : [])
      if (isPlainName(name)) this.#claim(pointerOf(name), name);
    for (const name of isObject(components) ? Object.keys(components) : [])
      if (!isPlainName(name)) this.#claim(pointerOf(name), name);
  }

  /** All components that were referred to, in the order of the document first. */
  names(): string[] {
    return [...this.#names.values()].filter((name) => this.#entries.has(name));
  }

  schema(name: string): JsonSchema | undefined {
    return this.#entries.get(name)?.schema;
  }

  /** A name for a schema that has none, and no component has. */
  reserve(stem: string): string {
    return this.#unique(stem);
  }

  /**
   * Converts an inline schema to JSON Schema 2020-12.
   * @throws {ContractFault} when it, or a schema that it refers to, cannot be used
   */
  convert(schema: unknown): JsonSchema {
    const references = new Set<string>();
    const converted = toJsonSchema(schema, this.#hooks(references));
    this.#check(references);
    return converted;
  }

  #check(references: Iterable<string>): void {
    const pending = [...references];
    const seen = new Set(pending);
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const entry = this.#entries.get(name);
      if (entry?.fault !== undefined) throw entry.fault;
      for (const next of entry?.references ?? []) {
        if (!seen.has(next)) pending.push(next);
        seen.add(next);
      }
    }
    for (const name of seen) this.#refuseEndless(name);
  }

  /** Refuses a schema that refers to itself without an object or a list in between: it describes no value. */
  #refuseEndless(start: string): void {
    const pending = [start];
    const seen = new Set<string>();
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const schema = this.#entries.get(name)?.schema;
      for (const next of schema === undefined ? [] : referencesOf(schema, 'same-instance')) {
        if (next === start)
          throw new ContractFault(
            `the schema ${start} refers to itself without an object or a list in between`,
            this.#entries.get(start)?.location,
          );
        if (!seen.has(next)) pending.push(next);
        seen.add(next);
      }
    }
  }

  #hooks(references: Set<string>): DialectHooks {
    return {
      reference: (reference, holder) => {
        const name = this.#resolve(reference, holder);
        const fault = this.#entries.get(name)?.fault;
        if (fault?.isDangling === true) throw fault;
        references.add(name);
        return `#/components/schemas/${name}`;
      },
      known: (part, convert) => {
        try {
          return convert();
        } catch (error) {
          if (!(error instanceof ContractFault) || !error.isDangling) throw error;
          this.#warnAt(
            'unknown-schema',
            `${error.reason}; ${part} is unknown, and responses leave it out`,
            error.location,
          );
          return undefined;
        }
      },
      mapping: (target, holder) => {
        try {
          const isName = resolvePointer(this.document, ['components', 'schemas', target]) !== undefined;
          const reference = isName || /^[A-Za-z0-9._-]+$/.test(target) ? `#${pointerOf(target)}` : target;
          const name = this.#resolve(reference, holder);
          references.add(name);
          return `#/components/schemas/${name}`;
        } catch (error) {
          if (!(error instanceof ContractFault)) throw error;
          this.#warnOnce('discriminator', `${error.reason}; the mapping to it is left out`, holder);
          return undefined;
        }
      },
      warn: (rule, message, node, key) => this.#warnOnce(rule, message, node, key),
      isClosedPart: (schema) => this.#closedParts.has(schema),
      version: memberText(this.document, 'openapi'),
    };
  }

  #warnOnce(rule: string, message: string, node: JsonObject, key?: string): void {
    this.#warnAt(rule, message, locationOf(node, key));
  }

  #warnAt(rule: string, message: string, location: Location | undefined): void {
    if (location === undefined) return;
    const told = `${rule} ${location.file}:${location.line}:${location.column} ${message}`;
    if (!this.#warned.has(told)) this.warn({ rule, message, ...location });
    this.#warned.add(told);
  }

  #resolve(reference: string, holder: JsonObject): string {
    const reason = this.unresolved.get(reference);
    const isInside = reference.startsWith('#');
    if (reason !== undefined) throw new ContractFault(reason, locationOf(holder), isInside);
    const tokens = isInside ? parsePointer(reference.slice(1)) : undefined;
    const node = tokens === undefined ? undefined : resolvePointer(this.document, tokens);
    if (tokens?.length === 0)
      throw new ContractFault(
        `the reference ${reference} leads to the document itself, which is no schema`,
        locationOf(holder),
      );
    if (tokens === undefined || node === undefined)
      throw new ContractFault(`the reference ${reference} leads nowhere`, locationOf(holder), isInside);
    if (!isObject(node) && typeof node !== 'boolean')
      throw new ContractFault(`the reference ${reference} leads to no schema`, locationOf(holder), isInside);
    const pointer = `/${tokens.map(escapePointer).join('/')}`;
    const name = this.#names.get(pointer) ?? this.#claim(pointer, nameFor(tokens));
    this.#convertEntry(name, node);
    return name;
  }

  #convertEntry(name: string, node: unknown): void {
    if (this.#entries.has(name)) return;
    // A placeholder while the schema is converted, so that a schema may contain itself.
    const location = locationOf(node);
    this.#entries.set(name, { schema: true, references: [], location });
    const references = new Set<string>();
    try {
      const schema = toJsonSchema(node, this.#hooks(references));
      this.#entries.set(name, { schema, references: [...references], location });
    } catch (error) {
      if (!(error instanceof ContractFault)) throw error;
      this.#entries.set(name, { schema: true, references: [...references], location, fault: error });
    }
  }

  #claim(pointer: string, stem: string): string {
    const name = this.#unique(stem);
    this.#names.set(pointer, name);
    return name;
  }

  #unique(stem: string): string {
    const clean = stem.replaceAll(/[^A-Za-z0-9._-]+/g, '_').replaceAll(/^_+|_+$/g, '') || 'Schema';
    let name = isPlainName(stem) ? stem : clean;
    const base = name;
    for (let count = 2; this.#taken.has(name); count++) name = `${base}_${count}`;
    this.#taken.add(name);
    return name;
  }
}

function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(name);
}

function pointerOf(name: string): string {
  return `/components/schemas/${escapePointer(name)}`;
}

/** `#/components/schemas/Order/properties/ship` is called Order_ship. */
function nameFor(tokens: readonly string[]): string {
  const telling = tokens.filter(
    (token) =>
      ![
        'components',
        'schemas',
        'properties',
        'paths',
        'content',
        'schema',
        'responses',
        'definitions',
        '$defs',
      ].includes(token),
  );
  return telling.slice(-3).join('_') || 'Schema';
}
