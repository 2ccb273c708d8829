import { ViewCompiler } from '../evaluate/view-compiler.js';
import { mayBeMissing } from '../model/absence.js';
import type { LocalNode, StepNode } from '../model/nodes.js';
import type { AnyPlan } from '../plan/plan.js';
import { isObject, UnplacedViolation } from '../evaluate/scope/evaluation-scope.js';
import type { MakeValue } from '../run/fill.js';
import type { Expression } from '../view/expressions.js';
import { plannedValueOf } from '../view/view-reference.js';

/** The plan that the expression of a step belongs to: its values come from the step. */
const noParts: AnyPlan = {
  name: 'a step',
  inputs: {},
  input: { kind: 'input' },
  parts: [],
  rules: [],
  deadlineMs: Number.POSITIVE_INFINITY,
  reserveMs: undefined,
  description: undefined,
  source: '',
};

/** A step that a combinator made within a plan, with the function that computes its value; other steps as they are. */
export function compilePlannedValue(node: StepNode): StepNode {
  const expression = plannedValueOf(node);
  if (expression === undefined) return node;
  const evaluate = compileOfInput(expression);
  const optional = new Set(node.deps.filter(([, field]) => mayBeMissing(field.node)).map(([name]) => name));
  return {
    ...node,
    run: (seen) => {
      const input: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(seen)) input[name] = optional.has(name) ? opened(value) : value;
      return evaluate(input);
    },
  };
}

/**
 * The maker of a value within a call. Where the values that it takes are not what their contract says, it has none: a call that needs it is
 * skipped or fails, as for a missing member.
 */
export function compileLocalValue(node: LocalNode): MakeValue {
  const expression = plannedValueOf(node);
  if (expression === undefined) return () => undefined;
  const evaluate = compileOfInput(expression);
  return (seen) => {
    try {
      return evaluate(seen);
    } catch (error) {
      if (error instanceof UnplacedViolation) return undefined;
      throw error;
    }
  };
}

/** An expression of a plan as a function of the values that it reads. */
function compileOfInput(expression: Expression): MakeValue {
  const compiler = new ViewCompiler(noParts);
  const evaluate = compiler.raw(expression);
  return (input) =>
    evaluate({
      values: [],
      input,
      slots: Array.from({ length: compiler.slotCount }),
      repair: () => undefined,
    });
}

/** The value of a part that is missing is undefined: `orElse` replaces it. */
const opened = (part: unknown): unknown => (isObject(part) && part['ok'] === true ? part['value'] : undefined);
