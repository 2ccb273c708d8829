import type { JsonSchema } from '@frontage/core';
import { isRecord } from '../model/behaviour.js';
import { formatSample, wordsSample } from './format-sample.js';
import { matchOf } from './pattern-sample.js';
import { randomOf, type Random } from './random.js';
import {
  choicesOf,
  flatten,
  isSchema,
  merge,
  typesOf,
  withDiscriminator,
  type Choices,
  type Resolve,
  type SchemaObject,
} from '../model/schema-view.js';

/** Below this depth only required members are generated; below `maxDepth`, none. */
const fullDepth = 5;
const maxDepth = 8 * fullDepth;
/** After this many values of one sample only required members are generated; after four times as many, nullable values are null. */
const fullSize = 5000;

/**
 * A value that a JSON Schema (2020-12) accepts: its example where it has one, else a value generated from types, formats and bounds. The
 * same seed makes the same value. Recursive schemas end at a bounded depth. Not supported: `not`, `if`, `contains`, `dependentSchemas`,
 * `unevaluatedProperties`.
 */
export function sample(schema: JsonSchema, resolve: Resolve, seed: string, options: SampleOptions = {}): unknown {
  return new Sampler(resolve, randomOf(seed), options).value(schema, 0);
}

export interface SampleOptions {
  /** @default use */
  readonly examples?: 'use' | 'ignore';
  /** Responses have no `writeOnly` members, requests no `readOnly` ones. @default response */
  readonly direction?: 'response' | 'request';
  /** Whether a schema accepts a value: examples and choices are then tried until one is accepted. @default the first ones are used */
  readonly accepts?: (schema: JsonSchema, value: unknown) => boolean;
}

class Sampler {
  readonly #resolve: Resolve;
  readonly #random: Random;
  readonly #useExamples: boolean;
  readonly #unsent: 'readOnly' | 'writeOnly';
  readonly #accepts: SampleOptions['accepts'];
  #size = 0;

  constructor(resolve: Resolve, random: Random, { examples, direction, accepts }: SampleOptions) {
    this.#resolve = resolve;
    this.#random = random;
    this.#useExamples = examples !== 'ignore';
    this.#unsent = direction === 'request' ? 'readOnly' : 'writeOnly';
    this.#accepts = accepts;
  }

  value(schema: JsonSchema, depth: number): unknown {
    this.#size += 1;
    if (depth > maxDepth || this.#size > 4 * fullSize) return null;
    const flat = flatten(schema, this.#resolve);
    if ('const' in flat) return flat['const'];
    const examples = Array.isArray(flat['examples']) && this.#useExamples ? flat['examples'] : [];
    const example = examples.find((one) => this.#accepts?.(schema, one) ?? true);
    if (example !== undefined) return example;
    const allowed = flat['enum'];
    if (Array.isArray(allowed) && allowed.length > 0) return this.#random.pick(allowed);
    const choices = choicesOf(flat);
    if (choices !== undefined) return this.#choose(schema, flat, choices, depth);
    switch (this.#typeOf(flat, depth)) {
      case 'object':
        return this.#object(flat, depth);
      case 'array':
        return this.#array(flat, depth);
      case 'string':
        return this.#string(flat);
      case 'integer':
      case 'number':
        return this.#number(flat, typesOf(flat).includes('integer'));
      case 'boolean':
        return this.#random.next() < 0.5;
      default:
        return null;
    }
  }

  /** Whether there is room for optional members. */
  #hasRoom(depth: number): boolean {
    return depth < fullDepth && this.#size < fullSize;
  }

  #choose(schema: JsonSchema, flat: SchemaObject, choices: Choices, depth: number): unknown {
    const { [choices.keyword]: _, discriminator, ...common } = flat;
    const isNull = (choice: JsonSchema): boolean => typesOf(flatten(choice, this.#resolve)).join() === 'null';
    const real = choices.schemas.filter((choice) => !isNull(choice));
    const mayBeNull = real.length < choices.schemas.length;
    const make = (choice: JsonSchema): unknown => {
      const chosen = merge(common, flatten(choice, this.#resolve));
      return this.value(withDiscriminator(chosen, choice, discriminator, this.#resolve), depth);
    };
    if (mayBeNull && (real[0] === undefined || !this.#hasRoom(depth))) return make({ type: 'null' });
    const [first = true, ...others] = real;
    const made = make(first);
    if (this.#accepts === undefined || this.#accepts(schema, made)) return made;
    for (const choice of others) {
      const other = make(choice);
      if (this.#accepts(schema, other)) return other;
    }
    return mayBeNull ? null : made;
  }

  #typeOf(flat: SchemaObject, depth: number): string {
    const types = typesOf(flat);
    if (types.length > 1 && types.includes('null') && !this.#hasRoom(depth)) return 'null';
    return types.find((type) => type !== 'null') ?? types[0] ?? 'any';
  }

  #object(flat: SchemaObject, depth: number): unknown {
    const properties = isRecord(flat['properties']) ? flat['properties'] : {};
    const required = Array.isArray(flat['required']) ? flat['required'].map(String) : [];
    const made: [string, unknown][] = [];
    for (const [name, property] of Object.entries(properties)) {
      if (!isSchema(property) || property === false) continue;
      if (this.#isUnsent(property, required.includes(name))) continue;
      if (required.includes(name) || this.#hasRoom(depth)) made.push([name, this.value(property, depth + 1)]);
    }
    const more = isSchema(flat['additionalProperties']) ? flat['additionalProperties'] : {};
    // An empty dictionary would not show its values.
    const isDictionary = made.length === 0 && isRecord(flat['additionalProperties']) && this.#hasRoom(depth);
    for (const name of required) {
      if (!Object.hasOwn(properties, name)) made.push([name, this.value(more, depth + 1)]);
    }
    const count = Math.min(
      countOf(flat['minProperties'], isDictionary ? 1 : 0),
      countOf(flat['maxProperties'], Infinity),
    );
    for (let index = made.length; index < count; index += 1) {
      const { propertyNames } = flat;
      const name = isRecord(propertyNames)
        ? String(this.value({ type: 'string', ...propertyNames }, depth))
        : `key${index + 1}`;
      made.push([name, this.value(more, depth + 1)]);
    }
    // Not by assignment, so that __proto__ is an ordinary name.
    return Object.fromEntries(made);
  }

  /** Members that are not sent in this direction (OpenAPI 3.1, readOnly and writeOnly); a required member of a response is sent. */
  #isUnsent(property: JsonSchema, isRequired: boolean): boolean {
    if (isRequired && this.#unsent === 'writeOnly') return false;
    return flatten(property, this.#resolve)[this.#unsent] === true;
  }

  #array(flat: SchemaObject, depth: number): unknown {
    const head = Array.isArray(flat['prefixItems']) ? flat['prefixItems'].filter(isSchema) : [];
    // A form cannot say that a list is empty.
    const wanted = this.#hasRoom(depth) ? 2 : this.#unsent === 'readOnly' && depth < 2 * fullDepth ? 1 : 0;
    const length = Math.min(
      Math.max(countOf(flat['minItems'], 0), head.length, wanted),
      countOf(flat['maxItems'], Number.MAX_SAFE_INTEGER),
    );
    const rest = isSchema(flat['items']) ? flat['items'] : {};
    const items: unknown[] = [];
    const seen = new Set<string>();
    // A few tries more than items: small enums hold no more different values than they hold.
    for (let tries = 0; items.length < length && tries < length + 50; tries += 1) {
      const item = this.value(head[items.length] ?? rest, depth + 1);
      const text = JSON.stringify(item);
      if (flat['uniqueItems'] === true && seen.has(text)) continue;
      seen.add(text);
      items.push(item);
    }
    return items;
  }

  #number(flat: SchemaObject, integer: boolean): number {
    const bound = (keyword: string, otherwise: number): number => countOf(flat[keyword], otherwise);
    const step = bound('multipleOf', integer ? 1 : 0.01);
    const [above, below] = [bound('exclusiveMinimum', -Infinity), bound('exclusiveMaximum', Infinity)];
    const [min, max] = [Math.max(bound('minimum', -Infinity), above), Math.min(bound('maximum', Infinity), below)];
    const start = Number.isFinite(min) ? min : Number.isFinite(max) ? Math.min(1, max - step) : 1;
    let first = Math.ceil(start / step);
    if (first * step <= above) first += 1;
    let last = Math.floor(Math.min(max / step, first + 1000));
    if (last * step >= below) last -= 1;
    // The bounds are closer than a step: use a value between them.
    if (last < first) return min === above || max === below ? (min + max) / 2 : min;
    // Twelve digits, so that 0.1 * 3 is not sent as 0.30000000000000004.
    return Number((this.#random.integer(first, last) * step).toPrecision(12));
  }

  #string(flat: SchemaObject): string {
    const min = countOf(flat['minLength'], 0);
    const max = countOf(flat['maxLength'], 200);
    if (typeof flat['pattern'] === 'string') {
      const match = matchOf(flat['pattern'], this.#random);
      if (match !== undefined && match.length >= min && match.length <= max) return match;
    }
    const made = typeof flat['format'] === 'string' ? formatSample(flat['format'], this.#random) : undefined;
    const words = made ?? wordsSample(this.#random);
    return words.padEnd(min, 'x').slice(0, Math.max(min, max));
  }
}

const countOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
