import type { JsonSchema, OperationInfo } from '@frontage/core';
import { listOfEach } from '../model/absence.js';
import { readsOf } from '../model/arguments.js';
import { isOfHeaders, type FieldPath, type ItemNode, type PartNode } from '../model/nodes.js';
import type { AnyPlan } from '../plan/plan.js';
import { headersSchema, ownShape, partShape, responseHeadersSchema } from './part-schemas.js';
import { referenceTo, SchemaDocument } from './schema-document.js';
import { acceptsNull, elementOf, propertyOf, variantsOf, type Property } from './schema-navigation.js';

/** The facts of the contracts about the references and the bodies of a plan's calls. */
export class FieldShapes {
  readonly #plan: AnyPlan;
  readonly #document = new SchemaDocument();

  constructor(plan: AnyPlan) {
    this.#plan = plan;
  }

  /** True if a field may be null or absent by its contract. For an upstream that does not say, false; for an input that does not, true. */
  mayBeNil(field: FieldPath): boolean {
    if (field.node.kind === 'local' && field.node.of !== undefined)
      return readsOf(field).some((read) => this.mayBeNil(read));
    const roots = this.#rootsOf(field);
    if (field.node.kind === 'input' || roots === undefined) return field.node.kind === 'input';
    let schemas = roots;
    for (const key of pathIn(field)) {
      if (this.#anyNull(schemas)) return true;
      const found = this.#members(schemas, key);
      if (found.every((property) => property === undefined)) return false;
      if (found.some((property) => property?.required !== true)) return true;
      schemas = schemasOf(found);
    }
    return this.#anyNull(schemas);
  }

  /** True if every body that the operation takes has a value for a member, at any depth. */
  needsInBody({ contract, body }: OperationInfo, path: readonly string[]): boolean {
    if (body?.schema === undefined || this.#document.ofContract(contract, body.schema) === undefined) return false;
    let schemas: readonly JsonSchema[] = [{ $ref: referenceTo(`${contract.upstream}.${body.schema}`) }];
    for (const key of path) {
      const items = this.#elements(schemas);
      if (items.length > 0) {
        schemas = items;
        continue;
      }
      const found = this.#members(schemas, key);
      if (found.length === 0 || found.some((property) => property?.required !== true)) return false;
      schemas = schemasOf(found);
    }
    return !this.#anyNull(schemas);
  }

  /** The items of lists; none where one of the schemas is no list. */
  #elements(schemas: readonly JsonSchema[]): readonly JsonSchema[] {
    const found = schemas
      .flatMap((schema) => variantsOf(schema, this.#document))
      .map((variant) => elementOf(variant, this.#document));
    return found.includes(undefined) ? [] : found.filter((element) => element !== undefined);
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
  #rootsOf(field: FieldPath): readonly JsonSchema[] | undefined {
    const { node } = field;
    if (node.kind === 'input' || node.kind === 'local') return undefined;
    if (isOfHeaders(field)) return this.#headersOf(node);
    if (node.kind !== 'item') return known(partShape(node, this.#plan.name, this.#document).schema);
    const elements = (this.#at(node.over) ?? [])
      .map((list) => elementOf(list, this.#document))
      .filter((element) => element !== undefined);
    return elements.length === 0 || elements.includes(true) ? undefined : elements;
  }

  #headersOf(node: PartNode | ItemNode): readonly JsonSchema[] | undefined {
    if (node.kind !== 'item') return [headersSchema(node, this.#document)];
    const list = listOfEach(node.over);
    return list && [responseHeadersSchema(list.node)];
  }

  /** The schemas at the end of a reference. */
  #at(field: FieldPath): readonly JsonSchema[] | undefined {
    const [group, ...rest] = field.path;
    const input = field.node.kind === 'input' && group !== undefined ? this.#plan.inputs[group] : undefined;
    const roots =
      input === undefined ? this.#rootsOf(field) : known(ownShape(input, this.#plan.name, this.#document).schema);
    if (roots === undefined) return undefined;
    let schemas = roots;
    for (const key of input === undefined ? pathIn(field) : rest) schemas = schemasOf(this.#members(schemas, key));
    return schemas.flatMap((schema) => variantsOf(schema, this.#document));
  }
}

/** The members that it leads through, below the value or the headers. */
const pathIn = (field: FieldPath): readonly string[] => (isOfHeaders(field) ? field.path.slice(1) : field.path);

const known = (schema: JsonSchema): readonly JsonSchema[] | undefined => (schema === true ? undefined : [schema]);

const schemasOf = (properties: readonly (Property | undefined)[]): readonly JsonSchema[] =>
  properties.flatMap((property) => (property === undefined ? [] : [property.schema]));
