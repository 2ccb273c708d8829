import { branchesOf } from '../../view/expression-branches.js';
import type { Expression } from '../../view/expressions.js';
import type { ExpressionShapes } from '../../schema/expression-shapes.js';
import { kindsOf } from '../../schema/schema-kinds.js';
import { isEachPart } from '../../compile/projectable-parts.js';
import { NotProjectable } from './not-projectable.js';
import { ValueReads } from './value-reads.js';

/** The reader of a value: the client gets it pruned, a function of the screen gets every member. */
type Reader = 'client' | 'function';

/** Collects the members that a computed member, or a call of the plan, reads, so that no others have to be parsed. */
export class ComputedReads {
  readonly #shapes: ExpressionShapes;
  readonly #root: (position: number) => ValueReads | undefined;

  /** @param root by index of a part: the reads of its response, or undefined where all of it is parsed */
  constructor(shapes: ExpressionShapes, root: (position: number) => ValueReads | undefined) {
    this.#shapes = shapes;
    this.#root = root;
  }

  /** For a list that is gone through or counted. The reads of its items are added separately. */
  addItems(e: Expression): void {
    if (!isEachPart(e)) for (const list of this.#find(e)) list.items();
  }

  /** @throws NotProjectable where the reads are not known */
  add(e: Expression, reader: Reader = 'client'): void {
    switch (e.kind) {
      case 'part':
      case 'item':
      case 'field':
      case 'take':
      case 'where':
      case 'filter':
      case 'distinct':
      case 'sort':
      case 'at':
        this.#whole(e, reader);
        return;
      case 'omit':
        if (e.of.kind === 'otherwise') {
          this.add(e.of, reader);
          return;
        }
        this.#whole(e, reader);
        return;
      case 'list':
        this.addItems(e.over);
        break;
      case 'within':
        this.#find(e.over);
        break;
      case 'byKind':
        for (const value of this.#find(e.of)) value.member(e.tag).scalar();
        break;
      case 'count':
        this.addItems(e.of);
        break;
      case 'indexBy':
      case 'groupBy':
        throw new NotProjectable('what is read of it cannot be told');
      default:
    }
    const { computed, shown } = branchesOf(e);
    for (const one of computed) this.add(one, 'function');
    for (const one of shown) this.add(one, passesOn.has(e.kind) ? reader : 'client');
  }

  #whole(e: Expression, reader: Reader): void {
    for (const value of this.#find(e))
      value.whole(this.#shapes.of(e).schema, this.#shapes.document, reader === 'client');
  }

  /** None below a part whose whole response is parsed, and of a value that the view makes. */
  #find(e: Expression): readonly ValueReads[] {
    switch (e.kind) {
      case 'part': {
        const root = this.#root(e.position);
        if (root === undefined) return [];
        if (isEachPart(e)) throw new NotProjectable('its items are read as one list');
        return [root];
      }
      case 'item':
        return e.each ? this.#itemsOf(e.of) : this.#find(e.of);
      case 'field':
        return this.#find(e.of).map((of) => of.member(e.key));
      // Nothing of the body is read.
      case 'headers':
        for (const index of e.place) this.add(index, 'function');
        return [];
      case 'named':
      case 'take':
      case 'omit':
        return this.#find(e.of);
      case 'otherwise':
        return [...this.#find(e.of), ...this.#find(e.other)];
      case 'where':
      case 'sort': {
        const list = this.#find(e.of);
        for (const member of branchesOf(e).lookedAt) this.add(member, 'function');
        return list;
      }
      case 'filter':
      case 'distinct':
      case 'indexBy':
      case 'groupBy': {
        const list = this.#find(e.kind === 'filter' ? e.over : e.of);
        for (const one of list) one.items();
        for (const value of branchesOf(e).computed) this.add(value, 'function');
        return list;
      }
      case 'concat':
        return e.lists.flatMap((list) => this.#find(list));
      case 'merge':
        return e.parts.flatMap((part) => this.#find(part));
      case 'flatten':
        // The lists within, each of which has some of the items.
        if (e.of.kind !== 'list') return this.#find(e.of).map((list) => list.item);
        this.addItems(e.of.over);
        return this.#find(e.of.body);
      case 'at':
        this.add(e.key);
        if (e.of.kind === 'groupBy') return this.#find(e.of);
        if (e.of.kind !== 'indexBy' && !this.#isList(e.of)) throw new NotProjectable('it is looked up by name');
        return e.of.kind === 'indexBy' ? this.#find(e.of).map((list) => list.item) : this.#itemsOf(e.of);
      default:
        // A value that the view makes holds all that was read for it.
        this.add(e);
        return [];
    }
  }

  /** The items of a list. */
  #itemsOf(list: Expression): readonly ValueReads[] {
    switch (list.kind) {
      case 'part': {
        // Each item of an `each` is a response of its own.
        const root = isEachPart(list) ? this.#root(list.position) : undefined;
        return root === undefined ? this.#find(list).map((found) => found.item) : [root];
      }
      case 'list':
        this.addItems(list.over);
        return this.#find(list.body);
      case 'concat':
        return list.lists.flatMap((one) => this.#itemsOf(one));
      default:
        return this.#find(list).map((found) => found.item);
    }
  }

  #isList(e: Expression): boolean {
    const kinds = kindsOf(this.#shapes.of(e).schema, this.#shapes.document);
    return kinds !== 'anything' && kinds.lists.length > 0 && kinds.objects.length === 0;
  }
}

/** These pass the chosen values on unchanged, the others prune them. */
const passesOn: ReadonlySet<Expression['kind']> = new Set(['otherwise', 'named', 'concat', 'flatten', 'merge']);
