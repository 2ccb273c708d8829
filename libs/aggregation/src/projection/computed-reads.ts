import type { Expression } from '../view/expressions.js';
import type { ExpressionShapes } from '../schema/expression-shapes.js';
import { kindsOf } from '../schema/schema-kinds.js';
import { isEachPart } from '../compile/projectable-parts.js';
import { NotProjectable } from './not-projectable.js';
import { ValueReads } from './value-reads.js';

/** Who gets a value: the client, after pruning, or a function of the screen, which sees whatever there is. */
type Reader = 'client' | 'function';

/** Finds out what a computed member, or a call of the plan, looks at, so that nothing else has to be parsed for it. */
export class ComputedReads {
  readonly #shapes: ExpressionShapes;
  readonly #root: (position: number) => ValueReads | undefined;

  /** @param root by position of a part: the reads of its answer, or undefined where all of it is parsed anyway */
  constructor(shapes: ExpressionShapes, root: (position: number) => ValueReads | undefined) {
    this.#shapes = shapes;
    this.#root = root;
  }

  /** Of a list that is gone through or counted: what of its items is read is added for itself. */
  addItems(e: Expression): void {
    if (!isEachPart(e)) this.#find(e)?.items();
  }

  /** @throws NotCopied where it cannot be told */
  add(e: Expression, reader: Reader = 'client'): void {
    switch (e.kind) {
      case 'part':
      case 'item':
      case 'field':
      case 'take':
      case 'where':
      case 'sort':
      case 'at':
        this.#find(e)?.whole(this.#shapes.of(e).schema, this.#shapes.document, reader === 'client');
        return;
      case 'pick':
        for (const key of e.keys) this.add({ kind: 'field', of: e.of, key });
        return;
      case 'list':
        this.addItems(e.over);
        this.add(e.body);
        return;
      case 'within':
        this.#find(e.over);
        this.add(e.body);
        return;
      case 'otherwise':
        this.add(e.of, reader);
        this.add(e.other, reader);
        return;
      case 'object':
        for (const [, member] of e.members) this.add(member);
        return;
      case 'array':
        for (const item of e.items) this.add(item);
        return;
      case 'named':
        this.add(e.of, reader);
        return;
      case 'compute':
        for (const [, value] of e.dependencies) this.add(value, 'function');
        return;
      case 'text':
        for (const value of e.values) this.add(value, 'function');
        return;
      case 'enum':
        this.add(e.of, 'function');
        return;
      case 'when':
        this.add(e.condition);
        this.add(e.consequent);
        this.add(e.alternate);
        return;
      case 'byKind':
        this.#find(e.of)?.member(e.tag).scalar();
        for (const { body } of e.cases) this.add(body);
        return;
      case 'count':
        this.addItems(e.of);
        return;
      case 'literal':
      case 'input':
      case 'index':
        return;
      default:
        throw new NotProjectable('what is read of it cannot be told');
    }
  }

  /** Undefined below a part that is parsed anyway. */
  #find(e: Expression): ValueReads | undefined {
    switch (e.kind) {
      case 'part':
        if (isEachPart(e) && this.#root(e.position) !== undefined)
          throw new NotProjectable('its items are read as one list');
        return this.#root(e.position);
      case 'item':
        // Each item of an `each` is an answer of its own.
        if (isEachPart(e.of)) return this.#root(e.of.position);
        return e.each ? this.#find(e.of)?.item : this.#find(e.of);
      case 'field':
        return this.#find(e.of)?.member(e.key);
      case 'named':
      case 'take':
        return this.#find(e.of);
      case 'where':
        return this.#withKeys(e.of, e.keys);
      case 'sort':
      case 'indexBy':
        return this.#withKeys(e.of, [e.key]);
      case 'at':
        this.add(e.key);
        if (e.of.kind !== 'indexBy' && !this.#isList(e.of)) throw new NotProjectable('it is looked up by name');
        return this.#find(e.of)?.item;
      default:
        throw new NotProjectable('it is made before it is read');
    }
  }

  #withKeys(of: Expression, keys: readonly string[]): ValueReads | undefined {
    const list = this.#find(of);
    const item: Expression = { kind: 'item', of, each: true };
    for (const key of keys) this.add({ kind: 'field', of: item, key }, 'function');
    return list;
  }

  #isList(e: Expression): boolean {
    const kinds = kindsOf(this.#shapes.of(e).schema, this.#shapes.document);
    return kinds !== 'anything' && kinds.lists.length > 0 && kinds.objects.length === 0;
  }
}
