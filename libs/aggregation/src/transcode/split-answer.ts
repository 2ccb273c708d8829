import type { Screen } from '../answer/screen.js';
import { slotsOf } from '../run/compile-plan.js';
import type { ExpressionShapes } from '../schema/expression-shapes.js';
import { ComputedReads } from './computed-reads.js';
import { partsIn, reasonsToParse } from './copyable-parts.js';
import { NotCopied } from './not-copied.js';
import { OutputMaker, type Output } from './output.js';
import { DocumentDraft } from './places.js';
import { ValueReads } from './value-reads.js';

/** How an answer is split into what is copied and what is computed. */
export interface Split {
  readonly output: Output;
  /** By position of the part: what is read of it, or why all of it is parsed. */
  readonly parts: readonly (DocumentDraft | string)[];
}

/**
 * Copies as much of an answer as can be. What the rest looks at is written out, too, and parsed alone; where it cannot be told what that
 * is, the whole part is parsed, and nothing of it is copied.
 */
export function splitAnswer({ plan, expression }: Screen<unknown>, shapes: ExpressionShapes): Split {
  const reasons = [...reasonsToParse(plan, slotsOf(plan))];
  for (;;) {
    // From the start again: a part that is left out takes its templates with it.
    const parts = reasons.map((reason) => reason ?? new DocumentDraft());
    const output = new OutputMaker(shapes, (position) => parts[position] ?? '').make(expression);
    const failed = addReads(output, parts, shapes);
    if (failed.size === 0) return { output, parts };
    for (const [position, reason] of failed) reasons[position] = reason;
  }
}

/** Adds what is computed to the drafts. @returns the parts that have to be parsed for it, with the reason */
function addReads(
  output: Output,
  parts: readonly (DocumentDraft | string)[],
  shapes: ExpressionShapes,
): ReadonlyMap<number, string> {
  const failed = new Map<number, string>();
  const reads = new Map<number, ValueReads>();
  const all = new ComputedReads(shapes, (position) => {
    const known = reads.get(position) ?? new ValueReads();
    reads.set(position, known);
    return known;
  });
  for (const { expression } of computedIn(output)) {
    const reason = reasonOf(() => all.add(expression));
    if (reason === undefined) continue;
    for (const position of partsIn(expression)) if (typeof parts[position] !== 'string') failed.set(position, reason);
  }
  for (const [position, read] of reads) {
    const draft = parts[position];
    if (draft === undefined || typeof draft === 'string' || failed.has(position)) continue;
    const reason = reasonOf(() => (draft.values = draft.write(read.template(draft.root.place))));
    if (reason !== undefined) failed.set(position, reason);
  }
  return failed;
}

function reasonOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof NotCopied) return error.message;
    throw error;
  }
}

type Computed = Extract<Output, { readonly kind: 'computed' }>;

export function computedIn(output: Output): readonly Computed[] {
  switch (output.kind) {
    case 'computed':
      return [output];
    case 'object':
      return output.members.flatMap(([, member]) => computedIn(member));
    case 'array':
      return output.items.flatMap(computedIn);
    case 'otherwise':
      return [...computedIn(output.of), ...computedIn(output.other)];
    default:
      return [];
  }
}
