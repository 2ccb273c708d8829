import {
  givesList,
  type EntryShape,
  type ListShape,
  type ObjectShape,
  type ProjectionSpec,
  type ScalarShape,
  type Shape,
  type ShapeMember,
  type Template,
} from '@frontage/transcoder';
import { NotProjectable } from './not-projectable.js';

/**
 * The draft of one value in a response that a screen reads: its reads become the shape that the value must have. Two reads of a scalar or
 * an object share one shape; every list has a shape of its own, since each has its own body.
 */
export class ValueDraft {
  /** The response, or the item of a list, that contains the value: a template refers only to values of its own scope. */
  readonly scope: object;
  readonly #attach: (shape: Shape) => void;
  #scalar: ScalarShape | undefined;
  #object: ObjectDraft | undefined;
  #entries: Map<number, ValueDraft> | undefined;

  constructor(scope: object, attach: (shape: Shape) => void) {
    this.scope = scope;
    this.#attach = attach;
  }

  scalar(): ScalarShape {
    if (this.#scalar === undefined) {
      this.#scalar = { kind: 'scalar' };
      this.#attach(this.#scalar);
    }
    return this.#scalar;
  }

  /** The value is only checked to be JSON. */
  any(): void {
    this.#attach({ kind: 'any' });
  }

  /** One item of a list, in the scope of the list itself. */
  entry(index: number): ValueDraft {
    const entries = (this.#entries ??= new Map());
    const known = entries.get(index);
    if (known !== undefined) return known;
    const draft = new ValueDraft(this.scope, (item) => {
      const entry: EntryShape = { kind: 'entry', index, item };
      this.#attach(entry);
    });
    entries.set(index, draft);
    return draft;
  }

  /** @param nullable whether it may be null. Where one reader says no, a null makes the response fall back to parsing. */
  object(nullable: boolean): ObjectDraft {
    if (this.#object === undefined) {
      this.#object = new ObjectDraft(this.scope, nullable);
      this.#attach(this.#object.shape);
    } else if (!nullable) this.#object.refuseNull();
    return this.#object;
  }

  /** @param bodyOf makes the template of one item, which is a scope of its own */
  list(
    bodyOf: (item: ValueDraft) => Template,
    omitsNothing: boolean,
    { limit, flattens }: { readonly limit?: number | undefined; readonly flattens?: boolean } = {},
  ): ListShape {
    const item = new RootDraft();
    const body = bodyOf(item.value);
    if (flattens === true && !givesList(body)) throw new NotProjectable('its items may be something else than lists');
    const list: ListShape = {
      kind: 'list',
      item: item.shape(),
      body,
      omitsNothing,
      ...(limit !== undefined && { limit }),
      ...(flattens === true && { flattens }),
    };
    this.#attach(list);
    return list;
  }
}

export class ObjectDraft {
  readonly shape: ObjectShape;
  readonly #scope: object;
  readonly #state: { nullable: boolean };
  readonly #members: ShapeMember[] = [];
  readonly #known = new Map<string, { readonly draft: ValueDraft; readonly terms: { required: boolean } }>();

  constructor(scope: object, nullable: boolean) {
    this.#scope = scope;
    const shape = { kind: 'object' as const, nullable, members: this.#members };
    this.shape = shape;
    this.#state = shape;
  }

  refuseNull(): void {
    this.#state.nullable = false;
  }

  /** @param required where one reader requires the member, it is required for all */
  member(key: string, required: boolean): ValueDraft {
    const known = this.#known.get(key);
    if (known !== undefined) {
      known.terms.required ||= required;
      return known.draft;
    }
    const terms = { required };
    const draft = new ValueDraft(this.#scope, (shape) => {
      this.#members.push({
        key,
        shape,
        get required() {
          return terms.required;
        },
      });
    });
    this.#known.set(key, { draft, terms });
    return draft;
  }
}

/** The root of a response, or of an item: it has exactly one shape. */
class RootDraft {
  readonly value: ValueDraft;
  #shape: Shape | undefined;

  constructor() {
    this.value = new ValueDraft(this, (shape) => {
      if (this.#shape !== undefined) throw new NotProjectable('it is read in two ways');
      this.#shape = shape;
    });
  }

  /** Without a read, any value may stand there. */
  shape(): Shape {
    return this.#shape ?? { kind: 'any' };
  }
}

/** The reads and the templates of the response of one part. */
export class DocumentDraft {
  readonly root = new RootDraft();
  /** Index of the text for computed members; undefined where none is needed. */
  values: number | undefined;
  readonly #writes: Template[] = [];

  /** @returns the index of its text */
  write(template: Template): number {
    return this.#writes.push(template) - 1;
  }

  /** A response without a projected member is still checked to be JSON. */
  spec(): ProjectionSpec {
    return { root: this.root.shape(), writes: this.#writes };
  }
}
