import { atOnce, heedRejection, validateNow } from '@frontage/core';
import type { FindViolation, CompiledStep } from '../run/compiled.js';
import { compileRead, plainScope, type SlotOf } from '../run/fill.js';
import { Refusal, type FieldPath, type StepNode } from '../model/nodes.js';
import { mayBeMissing } from '../model/absence.js';
import type { ProblemMembers } from '../run/plan-result.js';
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
    mayBeMissing(field.node) ? readPart(field, slotOf) : compileRead(field, slotOf, plainScope),
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
        membersOfStep(result),
      );
    else run.succeeded(slot, result);
  };
  return runStep;
}

/** @throws {TypeError} where the step gives members that the schema of the problem does not allow: that is a bug of the step */
function membersOfStep({ problem: { schema, code }, members }: Refusal): ProblemMembers | undefined {
  if (schema === undefined || members === undefined) return undefined;
  const { value, issues } = validateNow(schema, members, `the schema of '${code}'`);
  const wrong = issues?.map(({ message }) => message).join('; ');
  if (wrong !== undefined) throw new TypeError(`the members of '${code}' do not fit its schema: ${wrong}`);
  const made: unknown = JSON.parse(JSON.stringify(value));
  return typeof made === 'object' && made !== null ? { ...made } : undefined;
}

/** A step gets a part that may be missing as a `Part`: a member of it is present or missing with it. */
function readPart(field: FieldPath, slotOf: SlotOf) {
  const slot = slotOf(field.node);
  const read = compileRead(field, slotOf, plainScope);
  if (field.path.length === 0) return (run: RunState) => run.values[slot];
  return (run: RunState): Part<unknown> => {
    const part = run.values[slot] as Part<unknown>;
    return part.ok ? { ok: true, value: read(run, undefined) } : part;
  };
}
