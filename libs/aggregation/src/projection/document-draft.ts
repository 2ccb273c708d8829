import type {
  EntryShape,
  ListShape,
  ObjectShape,
  ProjectionSpec,
  ScalarShape,
  Shape,
  ShapeMember,
  Template,
} from '@frontage/transcoder';
import { NotProjectable } from './not-projectable.js';

/**
 * A place in one answer that a screen reads: what is asked of it becomes the shape that must stand there. Asking twice for a scalar or an
 * object gives the same shape; every list is one of its own, since each has its own body.
 */
export class ValueDraft {
  /** The answer, or the item of a list, that it stands in: a template speaks of places of its own scope alone. */
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

  /** It is checked to be JSON, and nothing else of it is read. */
  any(): void {
    this.#attach({ kind: 'any' });
  }

  /** One item of a list, in the scope that the list stands in. */
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

  /** @param nullable may it be null? Where one reader says no, null is left to the reference engine. */
  object(nullable: boolean): ObjectDraft {
    if (this.#object === undefined) {
      this.#object = new ObjectDraft(this.scope, nullable);
      this.#attach(this.#object.shape);
    } else if (!nullable) this.#object.refuseNull();
    return this.#object;
  }

  /** @param bodyOf makes the template of one item, which is a scope of its own */
  list(bodyOf: (item: ValueDraft) => Template, omitsNothing: boolean, limit?: number): ListShape {
    const item = new RootDraft();
    const body = bodyOf(item.value);
    const list: ListShape = {
      kind: 'list',
      item: item.shape(),
      body,
      omitsNothing,
      ...(limit !== undefined && { limit }),
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

  /** @param required where one reader cannot do without it, none can */
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

/** The place where an answer, or an item, begins: one shape stands there. */
class RootDraft {
  readonly value: ValueDraft;
  #shape: Shape | undefined;

  constructor() {
    this.value = new ValueDraft(this, (shape) => {
      if (this.#shape !== undefined) throw new NotProjectable('it is read in two ways');
      this.#shape = shape;
    });
  }

  /** Where nothing is read, anything may stand. */
  shape(): Shape {
    return this.#shape ?? { kind: 'any' };
  }
}

/** What a screen reads and writes of the answer of one part. */
export class DocumentDraft {
  readonly root = new RootDraft();
  /** Which of the texts holds what computed members look at; undefined where none does. */
  values: number | undefined;
  readonly #writes: Template[] = [];

  /** @returns which of the texts it will be */
  write(template: Template): number {
    return this.#writes.push(template) - 1;
  }

  /** Where nothing of it is copied, it is checked to be JSON all the same. */
  spec(): ProjectionSpec {
    return { root: this.root.shape(), writes: this.#writes };
  }
}
