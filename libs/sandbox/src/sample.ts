import type { JsonSchema } from '@frontage/core';
import { isRecord } from './behaviour.js';
import { matchOf } from './pattern-sample.js';
import { randomOf, type Random } from './random.js';
import {
  choicesOf,
  flatten,
  isSchema,
  merge,
  typesOf,
  withDiscriminator,
  type Resolve,
  type SchemaObject,
} from './schema-view.js';

/** Below this depth only what is required is made; below `maxDepth`, nothing. */
const fullDepth = 5;
const maxDepth = 8 * fullDepth;
/** After so many values of one sample, only what is required is made; after four times as many, nothing that may be null. */
const fullSize = 5000;

/**
 * A value that a JSON Schema (2020-12) accepts: its example where it has one, else made up from types, formats and bounds. The same seed
 * makes the same value. Recursive schemas end at a bounded depth. Not looked at: `not`, `if`, `contains`, `dependentSchemas`,
 * `unevaluatedProperties`.
 */
export function sample(
  schema: JsonSchema,
  resolve: Resolve,
  seed: string,
  examples: 'use' | 'ignore' = 'use',
): unknown {
  return new Sampler(resolve, randomOf(seed), examples === 'use').value(schema, 0);
}

class Sampler {
  readonly #resolve: Resolve;
  readonly #random: Random;
  readonly #useExamples: boolean;
  #size = 0;

  constructor(resolve: Resolve, random: Random, useExamples: boolean) {
    this.#resolve = resolve;
    this.#random = random;
    this.#useExamples = useExamples;
  }

  value(schema: JsonSchema, depth: number): unknown {
    this.#size += 1;
    if (depth > maxDepth || this.#size > 4 * fullSize) return null;
    const flat = flatten(schema, this.#resolve);
    if ('const' in flat) return flat['const'];
    const examples = flat['examples'];
    if (this.#useExamples && 'example' in flat) return flat['example'];
    if (this.#useExamples && Array.isArray(examples) && examples.length > 0) return examples[0];
    const allowed = flat['enum'];
    if (Array.isArray(allowed) && allowed.length > 0) return this.#random.pick(allowed);
    const choices = choicesOf(flat);
    if (choices !== undefined) return this.#choose(flat, choices, depth);
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

  /** Whether there is room for what is not required. */
  #hasRoom(depth: number): boolean {
    return depth < fullDepth && this.#size < fullSize;
  }

  #choose(flat: SchemaObject, choices: readonly JsonSchema[], depth: number): unknown {
    const { oneOf: _one, anyOf: _any, discriminator, ...common } = flat;
    const isNull = (choice: JsonSchema): boolean => typesOf(flatten(choice, this.#resolve)).join() === 'null';
    const real = choices.filter((choice) => !isNull(choice));
    const choice =
      !this.#hasRoom(depth) && real.length < choices.length ? { type: 'null' } : (real[0] ?? { type: 'null' });
    const chosen = merge(common, flatten(choice, this.#resolve));
    return this.value(withDiscriminator(chosen, choice, discriminator), depth);
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
      // What only travels towards the upstream does not come back (OpenAPI 3.1, writeOnly).
      if (typeof property === 'object' && property['writeOnly'] === true && !required.includes(name)) continue;
      if (required.includes(name) || this.#hasRoom(depth)) made.push([name, this.value(property, depth + 1)]);
    }
    const more = isSchema(flat['additionalProperties']) ? flat['additionalProperties'] : {};
    for (const name of required) {
      if (!Object.hasOwn(properties, name)) made.push([name, this.value(more, depth + 1)]);
    }
    for (let index = made.length; index < countOf(flat['minProperties'], 0); index += 1) {
      made.push([`key${index + 1}`, this.value(more, depth + 1)]);
    }
    // Not by assignment: a property named __proto__ is one like any other.
    return Object.fromEntries(made);
  }

  #array(flat: SchemaObject, depth: number): unknown {
    const head = Array.isArray(flat['prefixItems']) ? flat['prefixItems'].filter(isSchema) : [];
    const wanted = this.#hasRoom(depth) ? 2 : 0;
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
    // Bounds closer than a step: what lies between them.
    if (last < first) return min === above || max === below ? (min + max) / 2 : min;
    // Twelve digits: 0.1 * 3 is not to leave as 0.30000000000000004.
    return Number((this.#random.integer(first, last) * step).toPrecision(12));
  }

  #string(flat: SchemaObject): string {
    const min = countOf(flat['minLength'], 0);
    const max = countOf(flat['maxLength'], 200);
    if (typeof flat['pattern'] === 'string') {
      const match = matchOf(flat['pattern'], this.#random);
      if (match !== undefined && match.length >= min && match.length <= max) return match;
    }
    const made = typeof flat['format'] === 'string' ? this.#formatted(flat['format']) : undefined;
    const words = made ?? `${this.#random.pick(adjectives)} ${this.#random.pick(nouns)}`;
    return words.padEnd(min, 'x').slice(0, Math.max(min, max));
  }

  #formatted(format: string): string | undefined {
    const integer = (min: number, max: number): number => this.#random.integer(min, max);
    const hex = (digits: number): string => Array.from({ length: digits }, () => integer(0, 15).toString(16)).join('');
    const date = new Date(Date.UTC(2026, integer(0, 11), integer(1, 28), integer(0, 23), integer(0, 59))).toISOString();
    const word = this.#random.pick(nouns);
    switch (format) {
      case 'date-time':
        return date;
      case 'date':
        return date.slice(0, 10);
      case 'time':
        return date.slice(11, 19) + 'Z';
      case 'duration':
        return `PT${integer(1, 59)}M`;
      case 'uuid':
        return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
      case 'email':
      case 'idn-email':
        return `${word}@shop.example`;
      case 'hostname':
      case 'idn-hostname':
        return `${word}.shop.example`;
      case 'ipv4':
        return `192.0.2.${integer(1, 254)}`;
      case 'ipv6':
        return `2001:db8::${hex(4)}`;
      case 'uri':
      case 'url':
      case 'iri':
        return `https://shop.example/${word}/${integer(1, 999)}`;
      case 'uri-reference':
      case 'iri-reference':
        return `/${word}/${integer(1, 999)}`;
      case 'byte':
        return Buffer.from(word).toString('base64');
      case 'json-pointer':
        return `/${word}`;
      case 'regex':
        return '^[a-z]+$';
      default:
        return undefined;
    }
  }
}

const adjectives = ['amber', 'brisk', 'calm', 'early', 'green', 'quiet', 'plain', 'round', 'small', 'warm'];
const nouns = ['anchor', 'basket', 'candle', 'garden', 'harbour', 'ladder', 'meadow', 'orchard', 'pebble', 'window'];

const countOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
