import type { Template } from '@frontage/transcoder';
import type { Expression } from '../answer/expressions.js';
import type { ExpressionShapes } from '../schema/expression-shapes.js';
import { checkName } from './copied-values.js';
import { NotCopied } from './not-copied.js';
import { DocumentDraft } from './places.js';
import { TemplateMaker, type Drafts } from './template-maker.js';

/** An answer as it is put together for a request: of copied texts, of constants, and of what is computed. */
export type Output =
  | { readonly kind: 'text'; readonly json: string }
  | { readonly kind: 'nothing' }
  /** One of the texts that the transcoder made of the answer of a part. */
  | { readonly kind: 'copied'; readonly part: number; readonly text: number }
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: Output])[] }
  | { readonly kind: 'array'; readonly items: readonly Output[] }
  | { readonly kind: 'otherwise'; readonly of: Output; readonly other: Output }
  | { readonly kind: 'computed'; readonly expression: Expression; readonly reason: string };

/** Splits an answer into what is copied, as much of it as can be, and what is computed. */
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
      if (reason === undefined) return this.#copy(e);
      switch (e.kind) {
        case 'object':
          for (const [name] of e.members) checkName(name);
          return { kind: 'object', members: e.members.map(([name, member]) => [name, this.make(member)]) };
        case 'array':
          return { kind: 'array', items: e.items.map((item) => this.make(item)) };
        case 'named':
          return this.make(e.of);
        case 'otherwise': {
          if (this.#reasonAgainst(e.of) !== undefined) break;
          return { kind: 'otherwise', of: this.#copy(e.of), other: this.make(e.other) };
        }
        default:
      }
    } catch (error) {
      if (!(error instanceof NotCopied)) throw error;
      return { kind: 'computed', expression: e, reason: error.message };
    }
    return { kind: 'computed', expression: e, reason };
  }

  /** Tried on paper first: what fails half-way must leave no demands on the bytes. */
  #reasonAgainst(e: Expression): string | undefined {
    const paper = new Map<number, DocumentDraft>();
    const drafts: Drafts = (position) => {
      const draft = this.#drafts(position);
      if (typeof draft === 'string') return draft;
      const known = paper.get(position) ?? new DocumentDraft();
      paper.set(position, known);
      return known;
    };
    try {
      new TemplateMaker(this.#shapes, drafts).make(e);
      return undefined;
    } catch (error) {
      if (error instanceof NotCopied) return error.message;
      throw error;
    }
  }

  #copy(e: Expression): Output {
    const { template, part } = new TemplateMaker(this.#shapes, this.#drafts).make(e);
    if (part === undefined) return constant(template);
    const draft = this.#drafts(part);
    if (typeof draft === 'string') throw new NotCopied(draft);
    return { kind: 'copied', part, text: draft.write(template) };
  }
}

/** What reads no part. */
function constant(template: Template): Output {
  switch (template.kind) {
    case 'text':
    case 'nothing':
      return template;
    case 'object':
      return { kind: 'object', members: template.members.map(({ name, value }) => [name, constant(value)]) };
    case 'array':
      return { kind: 'array', items: template.items.map(constant) };
    case 'otherwise':
      return { kind: 'otherwise', of: constant(template.of), other: constant(template.other) };
    default:
      throw new NotCopied('it reads no part');
  }
}
