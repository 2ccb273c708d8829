import type { Expression } from '../view/expressions.js';
import type { Screen } from '../view/screen.js';
import { slotsOf } from '../compile/compile-plan.js';
import type { WhyParsed } from '../compile/bind.js';
import type { ExpressionShapes } from '../schema/expression-shapes.js';
import { ComputedReads } from './templates/computed-reads.js';
import { partsIn, planReads, reasonsToParse } from '../compile/projectable-parts.js';
import { reasonToCompute } from './templates/not-projectable.js';
import { computedIn, type Output } from './output.js';
import { OutputMaker } from './output-maker.js';
import { DocumentDraft } from './templates/document-draft.js';
import { ValueReads } from './templates/value-reads.js';

/** The projected and the computed members of a view. */
export interface Split {
  readonly output: Output;
  /** By index of the part: its reads, or the reason why all of it is parsed. */
  readonly parts: readonly (DocumentDraft | string)[];
}

/**
 * Projects as much of a view as possible. The values that computed members and the plan read are projected into one text, and only that
 * text is parsed. Where these reads are not known, the whole part is parsed, and nothing of it is projected.
 */
export function splitView(
  { plan, view, head }: Screen<unknown>,
  shapes: ExpressionShapes,
  whyParsed?: WhyParsed,
): Split {
  const slots = slotsOf(plan);
  const reasons = [...reasonsToParse(plan, slots, whyParsed)];
  const { values, lists } = planReads(plan, slots);
  for (;;) {
    // Restarted, because the templates of a part that is now parsed must disappear.
    const parts = reasons.map((reason) => reason ?? new DocumentDraft());
    const output = new OutputMaker(shapes, (position) => parts[position] ?? '').make(view);
    const gathering = new ReadsGathering(parts, shapes);
    for (const value of values) gathering.add(value, (reads) => reads.add(value, 'function'));
    for (const list of lists) gathering.add(list, (reads) => reads.addItems(list));
    for (const { expression: computed } of computedIn(output)) gathering.add(computed, (reads) => reads.add(computed));
    if (head !== undefined) gathering.add(head.view, (reads) => reads.add(head.view));
    const failed = gathering.write();
    if (failed.size === 0) return { output, parts };
    for (const [position, reason] of failed) reasons[position] = reason;
  }
}

/** The reads of the plan and of computed members, by part. */
class ReadsGathering {
  readonly #parts: readonly (DocumentDraft | string)[];
  readonly #reads = new Map<number, ValueReads>();
  readonly #failed = new Map<number, string>();
  readonly #all: ComputedReads;

  constructor(parts: readonly (DocumentDraft | string)[], shapes: ExpressionShapes) {
    this.#parts = parts;
    this.#all = new ComputedReads(shapes, (position) => {
      if (typeof parts[position] === 'string') return undefined;
      const known = this.#reads.get(position) ?? new ValueReads();
      this.#reads.set(position, known);
      return known;
    });
  }

  add(e: Expression, read: (reads: ComputedReads) => void): void {
    const reason = reasonToCompute(() => read(this.#all));
    if (reason === undefined) return;
    for (const position of partsIn(e)) this.#fail(position, reason);
  }

  /** Adds them to the drafts. @returns the parts that have to be parsed, with the reason */
  write(): ReadonlyMap<number, string> {
    for (const [position, reads] of this.#reads) {
      const draft = this.#parts[position];
      if (draft === undefined || typeof draft === 'string' || this.#failed.has(position)) continue;
      const reason = reasonToCompute(() => (draft.values = draft.write(reads.template(draft.root.value))));
      if (reason !== undefined) this.#fail(position, reason);
    }
    return this.#failed;
  }

  #fail(position: number, reason: string): void {
    if (typeof this.#parts[position] !== 'string') this.#failed.set(position, reason);
  }
}
