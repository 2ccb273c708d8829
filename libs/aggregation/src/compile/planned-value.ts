import { ViewCompiler } from '../evaluate/view-compiler.js';
import { mayBeMissing } from '../model/absence.js';
import type { StepNode } from '../model/nodes.js';
import type { AnyPlan } from '../plan/plan.js';
import type { EvaluationScope } from '../evaluate/scope/evaluation-scope.js';
import { isObject } from '../evaluate/scope/evaluation-scope.js';
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
  const compiler = new ViewCompiler(noParts);
  const evaluate = compiler.raw(expression);
  const optional = new Set(node.deps.filter(([, field]) => mayBeMissing(field.node)).map(([name]) => name));
  return {
    ...node,
    run: (seen) => {
      const input: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(seen)) input[name] = optional.has(name) ? opened(value) : value;
      const scope: EvaluationScope = {
        values: [],
        input,
        slots: Array.from({ length: compiler.slotCount }),
        repair: () => undefined,
      };
      return evaluate(scope);
    },
  };
}

/** The value of a part that is missing is undefined: `orElse` replaces it. */
const opened = (part: unknown): unknown => (isObject(part) && part['ok'] === true ? part['value'] : undefined);
