import type { Template } from '@frontage/transcoder';
import type { Expression, ListExpression } from '../view/expressions.js';
import type { ExpressionShapes } from '../schema/expression-shapes.js';
import { checkName } from './templates/projected-values.js';
import { isEachPart } from '../compile/projectable-parts.js';
import { mergedMembers } from './templates/merged-members.js';
import { NotProjectable, reasonToCompute } from './templates/not-projectable.js';
import { computedIn, type Output } from './output.js';
import { DocumentDraft } from './templates/document-draft.js';
import { TemplateMaker, type Drafts } from './templates/template-maker.js';

/** Splits a view into projected members, as many as possible, and computed ones. */
export class OutputMaker {
  readonly #shapes: ExpressionShapes;
  readonly #drafts: Drafts;

  constructor(shapes: ExpressionShapes, drafts: Drafts) {
    this.#shapes = shapes;
    this.#drafts = drafts;
  }

  make(e: Expression): Output {
    const reason = this.#reasonAgainst(e);
    try {
      if (reason === undefined) return this.#project(e);
      switch (e.kind) {
        case 'object':
          for (const [name] of e.members) checkName(name);
          return { kind: 'object', members: e.members.map(([name, member]) => [name, this.make(member)]) };
        case 'array':
          return { kind: 'array', items: e.items.map((item) => this.make(item)) };
        case 'named':
          return this.make(e.of);
        case 'merge':
          return this.make({ kind: 'object', members: mergedMembers(e, this.#shapes) });
        case 'concat': {
          const lists = e.lists.map((list) => this.make(list));
          // One list that is computed is put among the others with no less work than all of them.
          if (lists.some(({ kind }) => kind !== 'computed')) return { kind: 'concat', lists };
          break;
        }
        case 'list': {
          const items = this.#items(e);
          if (items !== undefined) return items;
          break;
        }
        case 'otherwise': {
          const inner = this.#reasonAgainst(e.of);
          if (inner !== undefined) return { kind: 'computed', expression: e, reason: inner };
          return { kind: 'otherwise', of: this.#project(e.of), other: this.make(e.other) };
        }
        default:
      }
    } catch (error) {
      if (!(error instanceof NotProjectable)) throw error;
      return { kind: 'computed', expression: e, reason: error.message };
    }
    return { kind: 'computed', expression: e, reason };
  }

  /** A list over the responses of an `each`; undefined where a member of an item is computed. */
  #items(e: ListExpression): Output | undefined {
    if (!isEachPart(e.over) || typeof this.#drafts(e.over.position) === 'string') return undefined;
    const paper = new OutputMaker(this.#shapes, trialDrafts(this.#drafts)).make(e.body);
    if (computedIn(paper).length > 0) return undefined;
    const omitsNothing = this.#shapes.of(e.body).optional;
    return { kind: 'items', part: e.over.position, body: this.make(e.body), omitsNothing };
  }

  /** Tried with drafts that are thrown away: a failed attempt must not leave shapes behind. */
  #reasonAgainst(e: Expression): string | undefined {
    return reasonToCompute(() => new TemplateMaker(this.#shapes, trialDrafts(this.#drafts)).make(e));
  }

  #project(e: Expression): Output {
    const { template, part } = new TemplateMaker(this.#shapes, this.#drafts).make(e);
    if (part === undefined) return constant(template);
    const draft = this.#drafts(part);
    if (typeof draft === 'string') throw new NotProjectable(draft);
    return { kind: 'projected', part, text: draft.write(template) };
  }
}

function trialDrafts(drafts: Drafts): Drafts {
  const paper = new Map<number, DocumentDraft>();
  return (position) => {
    const draft = drafts(position);
    if (typeof draft === 'string') return draft;
    const known = paper.get(position) ?? new DocumentDraft();
    paper.set(position, known);
    return known;
  };
}

/** The output of a template that reads no part. */
function constant(template: Template): Output {
  switch (template.kind) {
    case 'text':
    case 'nothing':
      return template;
    case 'object':
      return { kind: 'object', members: template.members.map(({ name, value }) => [name, constant(value)]) };
    case 'array':
      return { kind: 'array', items: template.items.map(constant) };
    case 'concat':
      return { kind: 'concat', lists: template.lists.map(constant) };
    case 'otherwise':
      return { kind: 'otherwise', of: constant(template.of), other: constant(template.other) };
    default:
      throw new NotProjectable('it reads no part');
  }
}
