import { branchesOf } from '../view/expression-branches.js';
import type { Expression } from '../view/expressions.js';
import type { ExpressionShapes } from '../schema/expression-shapes.js';
import { kindsOf } from '../schema/schema-kinds.js';
import { isEachPart } from '../compile/projectable-parts.js';
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
    if (!isEachPart(e)) this.#find(e)?.items();
  }

  /** @throws NotProjectable where the reads are not known */
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
      case 'list':
        this.addItems(e.over);
        break;
      case 'within':
        this.#find(e.over);
        break;
      case 'byKind':
        this.#find(e.of)?.member(e.tag).scalar();
        break;
      case 'count':
        this.addItems(e.of);
        break;
      case 'indexBy':
        throw new NotProjectable('what is read of it cannot be told');
      default:
    }
    const { computed, shown } = branchesOf(e);
    for (const one of computed) this.add(one, 'function');
    // These two pass the chosen value on unchanged, the others prune it.
    const of = e.kind === 'otherwise' || e.kind === 'named' ? reader : 'client';
    for (const one of shown) this.add(one, of);
  }

  /** Undefined below a part whose whole response is parsed. */
  #find(e: Expression): ValueReads | undefined {
    switch (e.kind) {
      case 'part':
        if (isEachPart(e) && this.#root(e.position) !== undefined)
          throw new NotProjectable('its items are read as one list');
        return this.#root(e.position);
      case 'item':
        // Each item of an `each` is a response of its own.
        if (isEachPart(e.of)) return this.#root(e.of.position);
        return e.each ? this.#find(e.of)?.item : this.#find(e.of);
      case 'field':
        return this.#find(e.of)?.member(e.key);
      case 'named':
      case 'take':
        return this.#find(e.of);
      case 'where':
      case 'sort':
      case 'indexBy': {
        const list = this.#find(e.of);
        for (const member of branchesOf(e).lookedAt) this.add(member, 'function');
        return list;
      }
      case 'at':
        this.add(e.key);
        if (e.of.kind !== 'indexBy' && !this.#isList(e.of)) throw new NotProjectable('it is looked up by name');
        return this.#find(e.of)?.item;
      default:
        throw new NotProjectable('it is made before it is read');
    }
  }

  #isList(e: Expression): boolean {
    const kinds = kindsOf(this.#shapes.of(e).schema, this.#shapes.document);
    return kinds !== 'anything' && kinds.lists.length > 0 && kinds.objects.length === 0;
  }
}
