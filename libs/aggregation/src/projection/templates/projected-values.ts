import type { JsonSchema } from '@frontage/core';
import type { Template } from '@frontage/transcoder';
import { isInherited } from '../../evaluate/scope/evaluation-scope.js';
import type { SchemaDocument } from '../../schema/schema-document.js';
import {
  elementOf,
  propertyNames,
  propertyOf,
  requiredNames,
  saysNoMembers,
  unnamedMembers,
} from '../../schema/schema-navigation.js';
import { kindsOf } from '../../schema/schema-kinds.js';
import type { SchemaObject } from '../../schema/schema-reading.js';
import { NotProjectable } from './not-projectable.js';
import type { ValueDraft } from './document-draft.js';

/** Maximum number of shapes of one subtree. The tables of a larger one would cost more than they save. */
const maxShapes = 500;

/**
 * Templates of values that are kept as a whole: the members that their schema declares and no others, as `Pruners` does it for parsed
 * values.
 */
export class ProjectedValues {
  readonly #document: SchemaDocument;
  readonly #open = new Set<string>();
  #shapes = 0;

  constructor(document: SchemaDocument) {
    this.#document = document;
  }

  /** @throws NotProjectable where the schema allows several kinds of value, or does not declare the members */
  template(draft: ValueDraft, schema: JsonSchema, limit?: number): Template {
    this.#shapes += 1;
    if (this.#shapes > maxShapes) throw new NotProjectable(`it has more than ${maxShapes} members`);
    const kinds = kindsOf(schema, this.#document);
    if (kinds === 'anything') throw new NotProjectable('the contract does not say what it is');
    const { scalars, objects, lists } = kinds;
    const [object] = objects;
    const [list] = lists;
    if (object === undefined && list === undefined) return { kind: 'value', of: draft.scalar() };
    if (objects.length + lists.length > 1 || scalars === 'some')
      throw new NotProjectable('it may be one of several kinds');
    const text = JSON.stringify(schema);
    if (this.#open.has(text)) throw new NotProjectable('it holds more of its own kind');
    this.#open.add(text);
    const made = object === undefined ? this.#list(draft, list ?? {}, limit) : this.#object(draft, object);
    this.#open.delete(text);
    return made;
  }

  #list(draft: ValueDraft, schema: SchemaObject, limit: number | undefined): Template {
    const element = elementOf(schema, this.#document) ?? true;
    return { kind: 'value', of: draft.list((item) => this.template(item, element), false, { limit }) };
  }

  #object(draft: ValueDraft, schema: SchemaObject): Template {
    const names = [...new Set(propertyNames(schema, this.#document))].filter((name) => name !== '__proto__');
    if (!namesAll(schema, this.#document)) throw new NotProjectable('the contract does not name its members');
    const required = requiredNames(schema, this.#document);
    const object = draft.object(true);
    const members = names.map((name) => {
      checkName(name);
      const property = propertyOf(schema, name, this.#document);
      const member = object.member(name, required.has(name));
      return { name, value: this.template(member, property?.schema ?? true) };
    });
    return { kind: 'within', of: object.shape, body: { kind: 'object', members } };
  }
}

/** True if an object has only the members that its schema names. */
export function namesAll(schema: SchemaObject, document: SchemaDocument): boolean {
  const { patterns, others = false } = unnamedMembers(schema, document);
  return patterns.length === 0 && others === false && !saysNoMembers(schema, document);
}

/** @throws NotProjectable for names that JavaScript puts in an order of its own, and for inherited names */
export function checkName(name: string): void {
  if (isInherited(name)) throw new NotProjectable(`every object has a '${name}'`);
  if (/^(?:0|[1-9]\d*)$/.test(name))
    throw new NotProjectable(`it has a member '${name}', which goes before all others`);
}
