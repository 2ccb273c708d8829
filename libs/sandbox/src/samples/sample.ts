import type { JsonSchema } from '@frontage/core';
import { isRecord } from '../model/behaviour.js';
import { randomOf, type Random } from '../patterns/random.js';
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
import { numberSample } from './number-sample.js';
import { membersOf } from './object-members.js';
import { textSample } from './text-sample.js';

/** Below this depth only required members are generated; below `maxDepth`, none. */
const fullDepth = 5;
const maxDepth = 8 * fullDepth;
/** After this many values of one sample only required members are generated; after four times as many, nullable values are null. */
const fullSize = 5000;

/**
 * A value that a JSON Schema (2020-12) accepts: its example where it has one, else a value generated from types, formats and bounds. The
 * same seed makes the same value. Recursive schemas end at a bounded depth. `not`, `if` and the exactness of `oneOf` are met by trying,
 * where `accepts` is given. Not supported: `unevaluatedItems`, `maxContains`.
 */
export function sample(schema: JsonSchema, resolve: Resolve, seed: string, options: SampleOptions = {}): unknown {
  return new Sampler(resolve, randomOf(seed), options).value(schema, 0);
}

export interface SampleOptions {
  /** @default use */
  readonly examples?: 'use' | 'ignore';
  /** Responses have no `writeOnly` members, requests no `readOnly` ones. @default response */
  readonly direction?: 'response' | 'request';
  /** True if a schema accepts a value: examples and choices are then tried until one is accepted. @default the first ones are used */
  readonly accepts?: (schema: JsonSchema, value: unknown) => boolean;
  /** Objects have all the members that they can have, or those that are required. @default full */
  readonly members?: 'full' | 'required';
}

class Sampler {
  readonly #resolve: Resolve;
  readonly #random: Random;
  readonly #useExamples: boolean;
  readonly #unsent: 'readOnly' | 'writeOnly';
  readonly #accepts: SampleOptions['accepts'];
  #withOptional: boolean;
  #size = 0;

  constructor(resolve: Resolve, random: Random, { examples, direction, accepts, members }: SampleOptions) {
    this.#resolve = resolve;
    this.#random = random;
    this.#useExamples = examples !== 'ignore';
    this.#unsent = direction === 'request' ? 'readOnly' : 'writeOnly';
    this.#accepts = accepts;
    this.#withOptional = members !== 'required';
  }

  value(schema: JsonSchema, depth: number): unknown {
    this.#size += 1;
    if (depth > maxDepth || this.#size > 4 * fullSize) return null;
    const flat = flatten(schema, this.#resolve);
    if ('const' in flat) return flat['const'];
    const examples = Array.isArray(flat['examples']) && this.#useExamples ? flat['examples'] : [];
    const example = examples.find((one) => this.#accepts?.(schema, one) ?? true);
    if (example !== undefined) return example;
    return conditions.some((keyword) => Object.hasOwn(flat, keyword))
      ? this.#conditional(schema, flat, depth)
      : this.#unconditional(schema, flat, depth);
  }

  #unconditional(schema: JsonSchema, flat: SchemaObject, depth: number): unknown {
    const allowed = Array.isArray(flat['enum']) ? flat['enum'].filter((value) => isOfType(value, flat)) : [];
    if (allowed.length > 0) return this.#random.pick(allowed);
    const choices = choicesOf(flat);
    if (choices !== undefined) return this.#choose(schema, flat, choices, depth);
    const types = typesOf(flat);
    switch (this.#typeOf(types, depth)) {
      case 'object':
        return this.#object(flat, depth);
      case 'array':
        return this.#array(flat, depth);
      case 'string':
        return textSample(flat, this.#random);
      case 'integer':
      case 'number':
        return numberSample(flat, this.#random, types.includes('integer') && !types.includes('number'));
      case 'boolean':
        return this.#random.next() < 0.5;
      default:
        return null;
    }
  }

  /** True if there is room for optional members. */
  #hasRoom(depth: number): boolean {
    return depth < fullDepth && this.#size < fullSize;
  }

  /** `if` chooses between two schemas; `not` is met by trying. */
  #conditional(schema: JsonSchema, flat: SchemaObject, depth: number): unknown {
    const { not: _, if: condition, then, else: otherwise, ...rest } = flat;
    const part = (one: unknown): SchemaObject => (isSchema(one) ? flatten(one, this.#resolve) : {});
    const variants: readonly SchemaObject[] =
      condition === undefined
        ? [rest]
        : [merge(merge(part(then), part(condition)), rest), merge(part(otherwise), rest), rest];
    return this.#firstAccepted(
      schema,
      variants.map((variant) => () => this.value(variant, depth)),
    );
  }

  /** The first value that the schema accepts: with all members, then with the required ones; the first value where it accepts none. */
  #firstAccepted(schema: JsonSchema, makers: readonly (() => unknown)[]): unknown {
    const [first = () => null] = makers;
    const made = first();
    if (this.#accepts === undefined || this.#accepts(schema, made)) return made;
    const before = this.#withOptional;
    for (const withOptional of [before, before, false]) {
      this.#withOptional = withOptional;
      for (const make of makers) {
        const other = make();
        if (!this.#accepts(schema, other)) continue;
        this.#withOptional = before;
        return other;
      }
    }
    this.#withOptional = before;
    return made;
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
    const makers = real.map((choice) => () => make(choice));
    return this.#firstAccepted(schema, mayBeNull ? [...makers, () => null] : makers);
  }

  #typeOf(types: readonly string[], depth: number): string {
    if (types.length > 1 && types.includes('null') && !this.#hasRoom(depth)) return 'null';
    return types.find((type) => type !== 'null') ?? types[0] ?? 'any';
  }

  #object(flat: SchemaObject, depth: number): unknown {
    const members = membersOf(flat, {
      resolve: this.#resolve,
      random: this.#random,
      withOptional: this.#withOptional && this.#hasRoom(depth),
      isUnsent: (property, isRequired) => this.#isUnsent(property, isRequired),
      nameFor: (names) => String(this.value(names, depth)),
    });
    // Not by assignment, so that __proto__ is an ordinary name.
    return Object.fromEntries(members.map(([name, schema]) => [name, this.value(schema, depth + 1)]));
  }

  /** Members that are not sent in this direction (OpenAPI 3.1, readOnly and writeOnly); a required member of a response is sent. */
  #isUnsent(property: JsonSchema, isRequired: boolean): boolean {
    if (isRequired && this.#unsent === 'writeOnly') return false;
    return flatten(property, this.#resolve)[this.#unsent] === true;
  }

  #array(flat: SchemaObject, depth: number): unknown {
    const head = Array.isArray(flat['prefixItems']) ? flat['prefixItems'].filter(isSchema) : [];
    const rest = isSchema(flat['items']) ? flat['items'] : {};
    const contained = isSchema(flat['contains']) ? countOf(flat['minContains'], 1) : 0;
    const contains: JsonSchema = { allOf: [rest, flat['contains']] };
    // A form cannot say that a list is empty.
    const wanted =
      this.#withOptional && this.#hasRoom(depth) ? 2 : this.#unsent === 'readOnly' && depth < 2 * fullDepth ? 1 : 0;
    const least = Math.max(countOf(flat['minItems'], 0), head.length + contained);
    const most = flat['items'] === false ? head.length : countOf(flat['maxItems'], Number.MAX_SAFE_INTEGER);
    const length = Math.min(Math.max(least, wanted), most);
    const items: unknown[] = [];
    const seen = new Set<string>();
    // A few tries more than items: small enums hold no more different values than they hold.
    for (let tries = 0; items.length < length && tries < length + 50; tries += 1) {
      const at = items.length;
      const schema = head[at] ?? (at < head.length + contained ? contains : rest);
      // An example is the same each time.
      const { examples: _, ...others } = tries > at ? flatten(schema, this.#resolve) : {};
      const item = this.value(tries > at ? others : schema, depth + 1);
      const text = JSON.stringify(item);
      if (flat['uniqueItems'] === true && seen.has(text)) continue;
      seen.add(text);
      items.push(item);
    }
    return items;
  }
}

const conditions = ['not', 'if'] as const;

function isOfType(value: unknown, flat: SchemaObject): boolean {
  const types = flat['type'] === undefined ? [] : typesOf(flat);
  if (types.length === 0) return true;
  return types.some((type) => {
    if (type === 'null') return value === null;
    if (type === 'array') return Array.isArray(value);
    if (type === 'object') return isRecord(value);
    return type === 'integer' ? Number.isInteger(value) : typeof value === type;
  });
}

const countOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
