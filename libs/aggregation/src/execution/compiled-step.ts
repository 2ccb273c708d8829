import { atOnce, heedRejection } from '@frontage/core';
import type { FindViolation, CompiledStep } from '../run/compiled.js';
import { compileRead, type SlotOf } from '../run/fill.js';
import { Refusal, mayBeMissing, type FieldPath, type StepNode } from '../model/nodes.js';
import type { RunState } from '../run/run-state.js';
import type { Part } from '../model/references.js';

export function compileStep(
  node: StepNode,
  name: string | undefined,
  slotOf: SlotOf,
  findViolation: FindViolation,
): CompiledStep {
  const names = node.deps.map(([dep]) => dep);
  const reads = node.deps.map(([, field]) =>
    mayBeMissing(field.node) ? readPart(field, slotOf) : compileRead(field, slotOf),
  );
  const label = name === undefined ? 'a step' : `the step '${name}'`;
  const problems = Object.fromEntries(node.refuses);
  const runStep: CompiledStep = (run, slot) => {
    const seen: Record<string, unknown> = { ...problems };
    for (let i = 0; i < names.length; i++) seen[names[i]!] = reads[i]!(run, undefined);
    let result: unknown;
    try {
      result = atOnce(node.run(seen), label);
    } catch (bug) {
      heedRejection(bug);
      // The types of a step state its arguments: an upstream that sends something else has failed, and not the step.
      const violation = findViolation(node, run.values);
      if (violation === undefined) throw bug;
      if (run.distrust(violation)) runStep(run, slot);
      return;
    }
    if (result instanceof Refusal)
      run.refuseWith(
        result,
        name,
        result.args.map((arg) => (arg.kind === 'literal' ? arg.value : undefined)),
      );
    else run.succeeded(slot, result);
  };
  return runStep;
}

/** A step gets a part that may be missing as a `Part`: a member of it is present or missing with it. */
function readPart(field: FieldPath, slotOf: SlotOf) {
  const slot = slotOf(field.node);
  const read = compileRead(field, slotOf);
  if (field.path.length === 0) return (run: RunState) => run.values[slot];
  return (run: RunState): Part<unknown> => {
    const part = run.values[slot] as Part<unknown>;
    return part.ok ? { ok: true, value: read(run, undefined) } : part;
  };
}
