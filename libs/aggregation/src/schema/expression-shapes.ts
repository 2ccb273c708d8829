import { isRecord } from './schema-reading.js';
import { bodiesOf } from '../view/expression-branches.js';
import { expressionText } from '../view/expression-reading.js';
import type { Expression, FieldExpression, ItemExpression } from '../view/expressions.js';
import { anything, headersSchema, ownShape, partShape, responseHeadersSchema, type Shape } from './part-schemas.js';
import type { AnyPlan } from '../plan/plan.js';
import { joinedShape, like } from './joined-shapes.js';
import { literalSchema, nullable, objectSchema, union, widened, withoutNull, type Member } from './schema-algebra.js';
import { referenceTo, SchemaDocument } from './schema-document.js';
import { acceptsNull, variantByTag } from './schema-navigation.js';
import { elementsOf, entryOf, fieldOf } from './shape-navigation.js';

/** The contract of every expression of one view. */
export class ExpressionShapes {
  readonly document = new SchemaDocument();
  readonly #plan: AnyPlan;
  readonly #known = new Map<Expression, Shape>();
  #owners = 0;

  constructor(plan: AnyPlan) {
    this.#plan = plan;
  }

  of(e: Expression): Shape {
    const known = this.#known.get(e);
    if (known !== undefined) return known;
    const shape = this.#derive(e);
    this.#known.set(e, shape);
    return shape;
  }

  /** True if an object that is present must have this field. */
  isRequired(e: FieldExpression): boolean {
    return !fieldOf(this.of(e.of), e.key, e, this.document).optional;
  }

  /** True if the contract allows null or undefined. */
  mayBeNil(e: Expression): boolean {
    const shape = this.of(e);
    return shape.optional || acceptsNull(shape.schema, this.document);
  }

  #derive(e: Expression): Shape {
    switch (e.kind) {
      case 'part':
        return partShape(e.node, `${this.#plan.name}.${e.name}`, this.document);
      case 'input':
        return ownShape(e.schema, `${this.#plan.name}.input.${e.name}`, this.document);
      case 'item':
        return this.#item(e);
      case 'index':
      case 'count':
        return e.kind === 'index'
          ? sure({ type: 'integer', minimum: 0 })
          : this.#like(e.of, { type: 'integer', minimum: 0 });
      case 'field':
        return this.#fieldShape(e);
      case 'headers':
        return e.place.length > 0
          ? { schema: responseHeadersSchema(e.part.node), optional: e.of.kind === 'at' && this.of(e.of).optional }
          : sure(headersSchema(e.part.node, this.document));
      case 'literal':
        return e.value === undefined ? anything() : sure(literalSchema(e.value));
      case 'pick':
        return this.#pick(e.of, e.keys, e);
      case 'object':
        return this.#object(e.members, false);
      case 'array':
        return sure(
          e.items.length === 0
            ? literalSchema([])
            : {
                type: 'array',
                prefixItems: e.items.map((item) => widened(this.of(item).schema)),
                items: false,
                minItems: e.items.length,
              },
        );
      case 'list':
        return this.#like(e.over, { type: 'array', items: widened(this.of(e.body).schema), ...this.#maxItems(e.over) });
      case 'within': {
        const body = this.of(e.body);
        const like = this.#like(e.over, widened(body.schema));
        return { ...like, optional: like.optional || body.optional };
      }
      case 'otherwise':
        return this.#otherwise(this.of(e.of), this.of(e.other));
      case 'compute':
        return e.schema === undefined ? sure({ type: 'boolean' }) : ownShape(e.schema, this.#owner(), this.document);
      case 'text':
        return sure({ type: 'string' });
      case 'when':
        return this.#when(e.consequent, e.alternate);
      case 'enum':
        return sure(union([...e.map.values(), ...e.other].map(literalSchema), this.document));
      case 'byKind': {
        const bodies = bodiesOf(e).map(({ body }) => this.#alternative(body));
        const like = this.#like(
          e.of,
          union(
            bodies.map((body) => body.schema),
            this.document,
          ),
        );
        return { ...like, optional: like.optional || bodies.some((body) => body.optional) };
      }
      case 'take': {
        const shape = this.of(e.of);
        return isRecord(shape.schema) && shape.schema['type'] === 'array'
          ? { ...shape, schema: { ...shape.schema, ...this.#maxItems(e) } }
          : shape;
      }
      case 'sort':
        return this.of(e.of);
      case 'where':
      case 'filter':
      case 'distinct':
      case 'indexBy':
      case 'groupBy':
      case 'equal':
      case 'concat':
      case 'flatten':
      case 'sum':
      case 'min':
      case 'max':
      case 'omit':
      case 'merge':
        return joinedShape(e, (one) => this.of(one), this.document);
      case 'at':
        return entryOf(e, this.of(e.of), this.document);
      case 'named': {
        const shape = this.of(e.of);
        this.document.define(e.name, widened(withoutNull(shape.schema, this.document)));
        const schema = { $ref: referenceTo(e.name) };
        return {
          ...shape,
          schema: acceptsNull(shape.schema, this.document) ? nullable(schema, this.document) : schema,
        };
      }
    }
  }

  #item(e: ItemExpression): Shape {
    if (e.each) return { ...this.of(e.of), schema: elementsOf(this.of(e.of), e.of, this.document), optional: false };
    const shape = this.of(e.of);
    const schema =
      e.variant === undefined
        ? withoutNull(shape.schema, this.document)
        : variantByTag(shape.schema, e.variant.tag, e.variant.value, this.document);
    if (schema === undefined) {
      if (shape.schema === true) return anything(shape.reason);
      throw new TypeError(
        `${expressionText(e.of)}: the contract has no variant whose ${e.variant?.tag} is '${e.variant?.value}'`,
      );
    }
    return { ...shape, schema, optional: false };
  }

  #fieldShape(e: FieldExpression): Shape {
    const base = this.of(e.of);
    const field = fieldOf(base, e.key, e, this.document);
    return { ...field, optional: field.optional || this.mayBeNil(e.of) };
  }

  #pick(of: Expression, keys: readonly string[], e: Expression): Shape {
    const members = keys.map((key): Member => {
      const { schema, optional } = fieldOf(this.of(of), key, e, this.document);
      return { name: key, schema, optional };
    });
    return this.#like(of, objectSchema(members));
  }

  #object(members: readonly (readonly [string, Expression])[], keepConstants: boolean): Shape {
    return sure(
      objectSchema(
        members.map(([name, member]): Member => {
          const { schema, optional } = this.of(member);
          return { name, schema: keepConstants ? schema : widened(schema), optional };
        }),
      ),
    );
  }

  /** One branch of several: its constants distinguish the branches, so they stay. */
  #alternative(e: Expression): Shape {
    return e.kind === 'object' ? this.#object(e.members, true) : this.of(e);
  }

  #when(then: Expression, otherwise: Expression): Shape {
    if (otherwise.kind === 'literal' && otherwise.value === undefined)
      return { ...this.of(then), schema: widened(this.of(then).schema), optional: true };
    const branches = [this.#alternative(then), this.#alternative(otherwise)];
    return {
      schema: union(
        branches.map((branch) => branch.schema),
        this.document,
      ),
      optional: branches.some((branch) => branch.optional),
    };
  }

  #otherwise(of: Shape, other: Shape): Shape {
    const there = withoutNull(of.schema, this.document);
    const reason = of.reason ?? other.reason;
    const because = reason !== undefined && { reason };
    if (other.schema === true && other.optional) return { schema: there, optional: true, ...because };
    return { schema: union([there, other.schema], this.document), optional: other.optional, ...because };
  }

  #like(of: Expression, schema: Shape['schema']): Shape {
    return like(this.of(of), schema, this.document);
  }

  #maxItems(over: Expression): { readonly maxItems?: number } {
    const shape = this.of(over.kind === 'take' ? over.of : over);
    const limit =
      isRecord(shape.schema) && typeof shape.schema['maxItems'] === 'number'
        ? shape.schema['maxItems']
        : Number.POSITIVE_INFINITY;
    const count = over.kind === 'take' ? Math.min(over.count, limit) : limit;
    return Number.isFinite(count) ? { maxItems: count } : {};
  }

  #owner(): string {
    this.#owners += 1;
    return `${this.#plan.name}.computed${this.#owners}`;
  }
}

const sure = (schema: Shape['schema']): Shape => ({ schema, optional: false });
