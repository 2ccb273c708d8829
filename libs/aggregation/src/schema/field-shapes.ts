import type { JsonSchema, OperationInfo } from '@frontage/core';
import type { FieldPath } from '../model/nodes.js';
import type { AnyPlan } from '../plan/plan.js';
import { ownShape, partShape } from './part-schemas.js';
import { referenceTo, SchemaDocument } from './schema-document.js';
import { acceptsNull, elementOf, propertyOf, variantsOf, type Property } from './schema-navigation.js';

/** The facts of the contracts about the references and the bodies of a plan's calls. */
export class FieldShapes {
  readonly #plan: AnyPlan;
  readonly #document = new SchemaDocument();

  constructor(plan: AnyPlan) {
    this.#plan = plan;
  }

  /** Whether a field may be null or absent by its contract. For an upstream that does not say, false; for an input that does not, true. */
  mayBeNil(field: FieldPath): boolean {
    const roots = this.#rootsOf(field);
    if (field.node.kind === 'input' || roots === undefined) return field.node.kind === 'input';
    let schemas = roots;
    for (const key of field.path) {
      if (this.#anyNull(schemas)) return true;
      const found = this.#members(schemas, key);
      if (found.every((property) => property === undefined)) return false;
      if (found.some((property) => property?.required !== true)) return true;
      schemas = schemasOf(found);
    }
    return this.#anyNull(schemas);
  }

  /** Whether every body that the operation takes has a value for a member, at any depth. */
  needsInBody({ contract, body }: OperationInfo, path: readonly string[]): boolean {
    if (body?.schema === undefined || this.#document.ofContract(contract, body.schema) === undefined) return false;
    let schemas: readonly JsonSchema[] = [{ $ref: referenceTo(`${contract.upstream}.${body.schema}`) }];
    for (const key of path) {
      const found = this.#members(schemas, key);
      if (found.length === 0 || found.some((property) => property?.required !== true)) return false;
      schemas = schemasOf(found);
    }
    return !this.#anyNull(schemas);
  }

  #members(schemas: readonly JsonSchema[], key: string): readonly (Property | undefined)[] {
    return schemas
      .flatMap((schema) => variantsOf(schema, this.#document))
      .map((variant) => propertyOf(variant, key, this.#document));
  }

  #anyNull(schemas: readonly JsonSchema[]): boolean {
    return schemas.some((schema) => acceptsNull(schema, this.#document));
  }

  /** The schemas of the node of a reference; undefined where they are not known. */
  #rootsOf({ node }: FieldPath): readonly JsonSchema[] | undefined {
    if (node.kind === 'input' || node.kind === 'local') return undefined;
    if (node.kind !== 'item') return known(partShape(node, this.#plan.name, this.#document).schema);
    const elements = (this.#at(node.over) ?? [])
      .map((list) => elementOf(list, this.#document))
      .filter((element) => element !== undefined);
    return elements.length === 0 || elements.includes(true) ? undefined : elements;
  }

  /** The schemas at the end of a reference. */
  #at(field: FieldPath): readonly JsonSchema[] | undefined {
    const [group, ...rest] = field.path;
    const input = field.node.kind === 'input' && group !== undefined ? this.#plan.inputs[group] : undefined;
    const roots =
      input === undefined ? this.#rootsOf(field) : known(ownShape(input, this.#plan.name, this.#document).schema);
    if (roots === undefined) return undefined;
    let schemas = roots;
    for (const key of input === undefined ? field.path : rest) schemas = schemasOf(this.#members(schemas, key));
    return schemas.flatMap((schema) => variantsOf(schema, this.#document));
  }
}

const known = (schema: JsonSchema): readonly JsonSchema[] | undefined => (schema === true ? undefined : [schema]);

const schemasOf = (properties: readonly (Property | undefined)[]): readonly JsonSchema[] =>
  properties.flatMap((property) => (property === undefined ? [] : [property.schema]));
