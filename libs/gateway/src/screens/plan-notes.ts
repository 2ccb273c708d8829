import type { CompiledScreen } from '@frontage/aggregation';
import type { PlanNote, RequestNotes } from '@frontage/context';
import type { Clock } from '@frontage/core';

/**
 * Notes runs of a plan for spans and `Server-Timing`.
 * @returns what is called when the run has ended; undefined where the app keeps no notes
 */
export function planNotes(
  screen: Pick<CompiledScreen, 'describe'>,
  clock: Clock,
): (notes: RequestNotes | undefined) => (() => void) | undefined {
  let known: { readonly name: string; readonly after: PlanNote['after'] } | undefined;
  return (notes) => {
    if (notes === undefined) return undefined;
    known ??= planOf(screen.describe());
    const plan: PlanNote = { ...known, startedAt: clock.now(), endedAt: undefined };
    notes.plan = plan;
    return () => {
      plan.endedAt = clock.now();
    };
  };
}

function planOf({ name, parts }: ReturnType<CompiledScreen['describe']>) {
  return { name, after: new Map(Object.entries(parts).map(([part, { after }]) => [part, after])) };
}
