import { givesList, type Template } from '@frontage/transcoder';
import { absentPart } from '../../view/expression-reading.js';
import type {
  AtExpression,
  EnumExpression,
  Expression,
  FieldExpression,
  FlattenExpression,
  ItemExpression,
  ListExpression,
  TextExpression,
} from '../../view/expressions.js';
import { isInherited } from '../../evaluate/scope/evaluation-scope.js';
import type { ExpressionShapes } from '../../schema/expression-shapes.js';
import { kindsOf, scalarTypesOf } from '../../schema/schema-kinds.js';
import { elementOf } from '../../schema/schema-navigation.js';
import { mergedMembers } from './merged-members.js';
import { ProjectedValues, checkName } from './projected-values.js';
import { isEachPart } from '../../compile/projectable-parts.js';
import { NotProjectable, reasons } from './not-projectable.js';
import type { DocumentDraft, ValueDraft } from './document-draft.js';

/** By index in the plan: the draft for the reads of a part, or the reason why all of it is parsed. */
export type Drafts = (position: number) => DocumentDraft | string;

/** A template, and the part whose response it reads; undefined for constants. */
export interface Made {
  readonly template: Template;
  readonly part: number | undefined;
}

/**
 * Makes the template of one member of a response, which says how its bytes follow from those of one upstream's response. It gives the same
 * bytes as the reference engine (`view-compiler.ts`). A value that is not what its contract says makes the response fall back to parsing.
 */
export class TemplateMaker {
  readonly #shapes: ExpressionShapes;
  readonly #drafts: Drafts;
  readonly #values: ProjectedValues;
  readonly #items = new Map<ItemExpression, ValueDraft>();
  #part: number | undefined;
  #scope: object | undefined;

  constructor(shapes: ExpressionShapes, drafts: Drafts) {
    this.#shapes = shapes;
    this.#drafts = drafts;
    this.#values = new ProjectedValues(shapes.document);
  }

  /** @throws NotProjectable */
  make(e: Expression): Made {
    const template = this.#kept(e);
    return { template, part: this.#part };
  }

  #kept(e: Expression): Template {
    switch (e.kind) {
      case 'part':
      case 'item':
      case 'field':
        return this.#whole(e, e);
      case 'at':
        return this.#whole(e, e);
      case 'take':
        return this.#whole(e, e.of, e.count);
      case 'named':
        return this.#kept(e.of);
      case 'omit':
        return this.#values.template(this.#draftOf(e.of), this.#shapes.of(e).schema);
      case 'merge': {
        const members = mergedMembers(e, this.#shapes).map(([name, member]) => this.#member(name, member));
        return { kind: 'object', members };
      }
      case 'concat':
        return { kind: 'concat', lists: e.lists.map((list) => this.#oneList(list)) };
      case 'flatten':
        return this.#flat(e);
      case 'literal':
        return constant(e.value);
      case 'enum':
        return this.#choice(e);
      case 'text':
        return this.#join(e);
      case 'count':
        return { kind: 'count', of: this.#draftOf(e.of).list(nothingOfItems, true) };
      case 'pick': {
        const { shape } = this.#draftOf(e.of).object(true);
        const members = e.keys.map((key) => this.#member(key, { kind: 'field', of: e.of, key }));
        return { kind: 'within', of: shape, body: { kind: 'object', members } };
      }
      case 'object':
        return { kind: 'object', members: e.members.map(([name, member]) => this.#member(name, member)) };
      case 'array':
        return { kind: 'array', items: e.items.map((item) => this.#kept(item)) };
      case 'list':
        return this.#list(e, false);
      case 'within': {
        const draft = this.#draftOf(e.over);
        const { shape } = draft.object(true);
        this.#items.set(e.item, draft);
        return { kind: 'within', of: shape, body: this.#kept(e.body) };
      }
      case 'otherwise':
        // The other value also replaces a missing part, which only the assembly of the parts can decide.
        if (absentPart(e.of) !== undefined) throw new NotProjectable('it replaces a part that may be missing');
        return { kind: 'otherwise', of: this.#kept(e.of), other: this.#kept(e.other) };
      default:
        throw new NotProjectable(reasons[e.kind]);
    }
  }

  #choice({ of, map, other }: EnumExpression): Template {
    const cases = [...map].map(([is, value]) => ({ is, gives: constant(value) }));
    const others = other.length === 0 ? {} : { other: constant(other[0]) };
    return { kind: 'choice', of: this.#draftOf(of).scalar(), cases, ...others };
  }

  /** Numbers, texts and flags of the declared types. A value of another type falls back to parsing. */
  #join({ strings, values }: TextExpression): Template {
    const parts = values.map((value) => {
      const types = scalarTypesOf(this.#shapes.of(value).schema, this.#shapes.document);
      if (types === undefined) throw new NotProjectable('the contract does not say what a text is made of');
      return { of: this.#draftOf(value).scalar(), types };
    });
    return { kind: 'join', texts: strings, values: parts };
  }

  #member(name: string, value: Expression): { readonly name: string; readonly value: Template } {
    checkName(name);
    return { name, value: this.#kept(value) };
  }

  #whole(e: Expression, at: Expression, limit?: number): Template {
    return this.#values.template(this.#draftOf(at), this.#shapes.of(e).schema, limit);
  }

  #oneList(e: Expression): Template {
    const list = this.#kept(e);
    if (!givesList(list)) throw new NotProjectable('it may be something else than a list');
    return list;
  }

  /** The items of the lists that are made of items, or of the lists of a response. */
  #flat({ of }: FlattenExpression): Template {
    if (of.kind === 'list') return this.#list(of, true);
    const { document } = this.#shapes;
    const element = elementOf(this.#shapes.of(of).schema, document) ?? true;
    const inner = (item: ValueDraft): Template => this.#values.template(item, element);
    return { kind: 'value', of: this.#draftOf(of).list(inner, false, { flattens: true }) };
  }

  #list(e: ListExpression, flattens: boolean): Template {
    const [over, limit] = e.over.kind === 'take' ? [e.over.of, e.over.count] : [e.over, undefined];
    const omits = this.#shapes.of(e.body).optional;
    const body = (item: ValueDraft): Template => {
      const outer = this.#scope;
      this.#scope = item.scope;
      this.#items.set(e.item, item);
      const made = this.#kept(e.body);
      this.#scope = outer;
      return made;
    };
    return { kind: 'value', of: this.#draftOf(over).list(body, omits, { limit, flattens }) };
  }

  /** The draft of the value that a reference leads to. */
  #draftOf(e: Expression): ValueDraft {
    const draft = this.#find(e);
    if (draft.scope !== this.#scope) throw new NotProjectable('the body of a list reads something outside of its item');
    return draft;
  }

  #find(e: Expression): ValueDraft {
    switch (e.kind) {
      case 'part':
        if (isEachPart(e)) throw new NotProjectable('it is gathered from several responses');
        return this.#root(e.position);
      case 'item': {
        // Each item of an `each` is a response of its own.
        if (isEachPart(e.of)) return this.#root(e.of.position);
        const item = this.#items.get(e);
        if (item === undefined) throw new NotProjectable('it looks at an item of something computed');
        return item;
      }
      case 'field':
        return this.#field(e);
      case 'named':
      case 'omit':
        return this.#find(e.of);
      case 'at':
        return this.#entry(e);
      default:
        throw new NotProjectable(
          Object.hasOwn(reasons, e.kind) ? reasons[e.kind as keyof typeof reasons] : 'it is made before it is read',
        );
    }
  }

  #field(e: FieldExpression): ValueDraft {
    if (isInherited(e.key)) throw new NotProjectable(`every object has a '${e.key}'`);
    const base = this.#find(e.of);
    // `within` and `byKind` have checked it for null already.
    const nullable = (e.of.kind === 'item' && !e.of.each) || this.#shapes.mayBeNil(e.of);
    return base.object(nullable).member(e.key, this.#shapes.isRequired(e));
  }

  #entry({ of, key }: AtExpression): ValueDraft {
    const index = key.kind === 'literal' && typeof key.value === 'number' ? key.value : -1;
    const kinds = of.kind === 'indexBy' ? 'anything' : kindsOf(this.#shapes.of(of).schema, this.#shapes.document);
    const isList = kinds !== 'anything' && kinds.lists.length > 0 && kinds.objects.length === 0;
    if (!isList || !Number.isSafeInteger(index) || index < 0) throw new NotProjectable(reasons.at);
    return this.#find(of).entry(index);
  }

  #root(position: number): ValueDraft {
    if (this.#part !== undefined && this.#part !== position) throw new NotProjectable('it is made of several parts');
    const draft = this.#drafts(position);
    if (typeof draft === 'string') throw new NotProjectable(draft);
    this.#part = position;
    this.#scope ??= draft.root;
    return draft.root.value;
  }
}

const constant = (value: unknown): Template =>
  value === undefined ? { kind: 'nothing' } : { kind: 'text', json: JSON.stringify(value) };

const nothingOfItems = (item: ValueDraft): Template => {
  item.any();
  return { kind: 'nothing' };
};
