import type { JsonSchema } from '@frontage/core';
import { isObject, ownMember, reject, type EvaluationScope, type Origin } from '../scope/evaluation-scope.js';
import type { Pruner } from './pruner.js';
import type { SchemaDocument } from '../../schema/schema-document.js';
import {
  discriminated,
  propertyNames,
  propertyOf,
  requiredNames,
  tagValues,
  variantsOf,
  unnamedMembers,
} from '../../schema/schema-navigation.js';
import { isAnything, schemasIn, typesIn, valuesIn, type SchemaObject } from '../../schema/schema-reading.js';

/** One object variant of a union, and how it is pruned. */
export interface ObjectVariant {
  readonly schema: SchemaObject;
  readonly prune: Pruner;
}

/** Finds the variant of an object: by the discriminator, otherwise by the members that it has and must have. */
export function unionPruner(
  schema: JsonSchema,
  variants: readonly ObjectVariant[],
  document: SchemaDocument,
): Pruner | undefined {
  const [only] = variants;
  if (variants.length < 2) return only?.prune;
  const byTag = tagTable(schema, variants, document);
  const tests = variants.map((variant) => ({ prune: variant.prune, matches: matcher(variant.schema, document) }));
  return (value, scope, origin) => {
    if (!isObject(value)) return reject(scope, origin, 'is no object, where the contract says one');
    const tagged = byTag === undefined ? undefined : (byTag.prune.get(ownMember(value, byTag.tag)) ?? byTag.otherwise);
    if (tagged !== undefined) return tagged(value, scope, origin);
    const matching = tests.filter((test) => test.matches(value));
    const [first, ...others] = matching;
    if (first === undefined) return reject(scope, origin, 'is none of the variants that the contract declares');
    if (others.length === 0) return first.prune(value, scope, origin);
    // Several variants fit (`anyOf` allows that): a member is declared where one of them declares it.
    return prunedByAll(matching, value, scope, origin);
  };
}

/** The members that the variants keep together. They were chosen roughly: one that does not take the value after all has no say in it. */
function prunedByAll(
  variants: readonly { readonly prune: Pruner }[],
  value: Readonly<Record<string, unknown>>,
  scope: EvaluationScope,
  origin: Origin,
): unknown {
  const kept: unknown[] = [];
  const failures: unknown[] = [];
  for (const { prune } of variants) {
    try {
      kept.push(prune(value, scope, origin));
    } catch (error) {
      failures.push(error);
    }
  }
  const [first, ...others] = kept;
  if (kept.length === 0) throw failures[0];
  return others.reduce(together, first);
}

/** Both have parts of the same value: a member of an object in it is kept where one of them keeps it. */
function together(one: unknown, other: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(other)) {
    const others: readonly unknown[] = other;
    return one.map((item: unknown, index) => together(item, others[index]));
  }
  if (!isObject(one) || !isObject(other)) return one;
  const shared = Object.keys(one).filter((name) => Object.hasOwn(other, name));
  // Not by assignment, so that __proto__ is an ordinary name.
  return Object.fromEntries([
    ...Object.entries(other),
    ...Object.entries(one),
    ...shared.map((name) => [name, together(one[name], other[name])] as const),
  ]);
}

interface TagTable {
  readonly tag: string;
  readonly prune: ReadonlyMap<unknown, Pruner>;
  readonly otherwise: Pruner | undefined;
}

function tagTable(
  schema: JsonSchema,
  variants: readonly ObjectVariant[],
  document: SchemaDocument,
): TagTable | undefined {
  const declared = discriminated(schema, document);
  if (declared === undefined) return undefined;
  const prunerOf = (target: JsonSchema): Pruner | undefined => {
    const resolved = document.resolve(target);
    return variants.find((each) => each.schema === resolved)?.prune;
  };
  const prune = new Map<unknown, Pruner>();
  for (const [value, target] of declared.variants) {
    const found = prunerOf(target);
    if (found !== undefined) prune.set(value, found);
  }
  // A variant that says the values of its tag itself is found by them.
  for (const variant of variants)
    for (const value of tagValues(variant.schema, declared.tag, document) ?? [])
      if (!prune.has(value)) prune.set(value, variant.prune);
  const otherwise = declared.otherwise === undefined ? undefined : prunerOf(declared.otherwise);
  return { tag: declared.tag, prune, otherwise };
}

/** Checks that an object has the required members, the constants, and the lists and objects of a variant. */
function matcher(
  schema: SchemaObject,
  document: SchemaDocument,
): (value: Readonly<Record<string, unknown>>) => boolean {
  const required = [...requiredNames(schema, document)];
  const checks = [...new Set(propertyNames(schema, document))].map((name) => {
    const property = propertyOf(schema, name, document);
    return { name, fits: property === undefined ? () => true : fitting(property.schema, document) };
  });
  const { patterns, others = true } = unnamedMembers(schema, document);
  const named = new Set(checks.map(({ name }) => name));
  // The members of a map fit or not like those with names.
  const fitsOthers = patterns.length > 0 || typeof others === 'boolean' ? undefined : fitting(others, document);
  const restFits = (value: Readonly<Record<string, unknown>>): boolean =>
    fitsOthers === undefined ||
    Object.entries(value).every(([name, member]) => named.has(name) || member === null || fitsOthers(member));
  return (value) =>
    required.every((name) => ownMember(value, name) !== undefined) &&
    checks.every(({ name, fits }) => {
      const member = ownMember(value, name);
      return member === undefined || member === null || fits(member);
    }) &&
    restFits(value);
}

/** Checks roughly that a member fits a schema: one of its constants, a list, an object, a scalar. */
function fitting(schema: JsonSchema, document: SchemaDocument): (value: unknown) => boolean {
  const variants = variantsOf(schema, document).map((variant) => document.resolve(variant));
  const tests = variants.map((variant) => {
    if (typeof variant === 'boolean' || isAnything(variant)) return () => true;
    const values = valuesIn(variant);
    if (values !== undefined) return (value: unknown) => values.includes(value);
    const parts = schemasIn(variant, 'allOf').map((part) => fitting(part, document));
    const types = typesIn(variant);
    return (value: unknown) =>
      (types === undefined || types.some((type) => isOfType(value, type))) && parts.every((fits) => fits(value));
  });
  return (value) => tests.some((test) => test(value));
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  return type === 'integer' ? typeof value === 'number' : typeof value === type;
}
