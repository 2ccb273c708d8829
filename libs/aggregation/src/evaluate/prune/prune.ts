import { isInexact, type JsonSchema } from '@frontage/core';
import {
  found,
  isInherited,
  isObject,
  ownMember,
  reject,
  type EvaluationScope,
  type Origin,
} from '../scope/evaluation-scope.js';
import { kindsOf } from '../../schema/schema-kinds.js';
import {
  elementOf,
  propertyNames,
  propertyOf,
  requiredNames,
  saysNoMembers,
  unnamedMembers,
} from '../../schema/schema-navigation.js';
import type { SchemaDocument } from '../../schema/schema-document.js';
import { isAnything, type SchemaObject } from '../../schema/schema-reading.js';
import type { Pruner } from './pruner.js';
import { unionPruner, type ObjectVariant } from './prune-unions.js';

/** For scalars: they pass unchanged. */
export const scalarPruner: Pruner = (value, scope, origin) =>
  typeof value === 'object' && value !== null
    ? reject(scope, origin, `${found(value)}, where the contract says a scalar`)
    : value;

/** For values that the contract leaves open: anything passes, except a number that a double cannot hold. */
export const anythingPruner: Pruner = (value, scope, origin) =>
  isInexact(value) ? reject(scope, origin, 'holds a number that a double cannot hold') : value;

export class Pruners {
  readonly #document: SchemaDocument;
  /** By the text of a schema: recursion ends where a text comes back. */
  readonly #known = new Map<string, { pruner: Pruner | undefined }>();

  constructor(document: SchemaDocument) {
    this.#document = document;
  }

  of(schema: JsonSchema): Pruner {
    if (isAnything(schema)) return anythingPruner;
    const text = JSON.stringify(schema);
    const known = this.#known.get(text);
    // While a recursive schema is being compiled, its pruner is looked up when it runs.
    if (known !== undefined)
      return known.pruner ?? ((value, scope, origin) => (known.pruner ?? scalarPruner)(value, scope, origin));
    const entry: { pruner: Pruner | undefined } = { pruner: undefined };
    this.#known.set(text, entry);
    entry.pruner = this.#compile(schema);
    return entry.pruner;
  }

  #compile(schema: JsonSchema): Pruner {
    const kinds = kindsOf(schema, this.#document);
    if (kinds === 'anything') return anythingPruner;
    const objects = kinds.objects.map((variant): ObjectVariant => ({ schema: variant, prune: this.#object(variant) }));
    const lists = kinds.lists.map((variant) => this.#list(variant));
    const scalars = kinds.scalars !== 'none';
    if (objects.length === 0 && lists.length === 0) return scalarPruner;
    const ofObject = unionPruner(schema, objects, this.#document);
    const [ofList] = lists;
    const only = objects.length + lists.length === 1 && !scalars;
    if (only) return nullPasses(ofObject ?? ofList ?? scalarPruner);
    const listPruner = lists.length > 1 ? this.#list(schema) : ofList;
    return (value, scope, origin) => {
      if (value === null || value === undefined) return value;
      if (typeof value !== 'object')
        return scalars ? value : reject(scope, origin, `${found(value)}, which the contract does not say`);
      const pruner = Array.isArray(value) ? listPruner : ofObject;
      return pruner === undefined
        ? reject(scope, origin, `${found(value)}, which the contract does not say`)
        : pruner(value, scope, origin);
    };
  }

  #list(schema: JsonSchema): Pruner {
    const element = elementOf(schema, this.#document) ?? true;
    const prune = this.of(element);
    return (value, scope, origin) => {
      if (!Array.isArray(value)) return reject(scope, origin, `${found(value)}, where the contract says a list`);
      const items: readonly unknown[] = value;
      if (prune === anythingPruner) return anythingPruner(items, scope, origin);
      // A list of scalars is not copied, only checked.
      if (prune === scalarPruner) {
        for (const item of items) scalarPruner(item, scope, origin);
        return items;
      }
      return items.map((item) => prune(item, scope, origin));
    };
  }

  #object(schema: SchemaObject): Pruner {
    const document = this.#document;
    const names = [...new Set(propertyNames(schema, document))].filter((name) => name !== '__proto__');
    const required = requiredNames(schema, document);
    const members = names.map((name) => {
      const property = propertyOf(schema, name, document);
      return {
        name,
        careful: isInherited(name),
        required: required.has(name),
        prune: property === undefined ? anythingPruner : this.of(property.schema),
      };
    });
    const rest = this.#rest(schema, names);
    return (value, scope, origin) => {
      if (!isObject(value)) return reject(scope, origin, `${found(value)}, where the contract says an object`);
      const kept: Record<string, unknown> = {};
      for (const { name, careful, required: needed, prune } of members) {
        const member = careful ? ownMember(value, name) : value[name];
        if (member === undefined) {
          if (needed) reject(scope, origin, `lacks '${name}', which the contract requires`);
        } else kept[name] = prune(member, scope, origin);
      }
      rest?.(kept, value, scope, origin);
      return kept;
    };
  }

  /** The members that are declared without a name: of a dictionary, or of an object whose schema names no members. */
  #rest(schema: SchemaObject, names: readonly string[]): RestPruner | undefined {
    const declared = new Set(names);
    const said = unnamedMembers(schema, this.#document);
    const patterns = said.patterns.map(([pattern, member]) => ({
      pattern: new RegExp(pattern, 'u'),
      prune: this.of(member),
    }));
    const silent = names.length === 0 && patterns.length === 0 && saysNoMembers(schema, this.#document);
    const additional = said.others ?? silent;
    if (additional === false && patterns.length === 0) return undefined;
    const other = additional === false ? undefined : { prune: this.of(additional) };
    return (kept, value, scope, origin) => {
      for (const name of Object.keys(value)) {
        // An ordinary name in JSON, but an assignment to it sets the prototype.
        if (declared.has(name) || name === '__proto__') continue;
        const how = patterns.find(({ pattern }) => pattern.test(name)) ?? other;
        if (how !== undefined) kept[name] = how.prune(value[name], scope, origin);
      }
    };
  }
}

type RestPruner = (
  kept: Record<string, unknown>,
  value: Readonly<Record<string, unknown>>,
  scope: EvaluationScope,
  origin: Origin,
) => void;

const nullPasses =
  (prune: Pruner): Pruner =>
  (value, scope, origin) =>
    value === null || value === undefined ? value : prune(value, scope, origin);
