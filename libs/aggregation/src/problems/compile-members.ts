import type { Refusal } from '../model/nodes.js';
import type { MakeMembers } from '../run/compiled.js';
import { BadPayload, isObject, type EvaluationScope } from '../evaluate/scope/evaluation-scope.js';
import { ViewCompiler } from '../evaluate/view-compiler.js';
import { membersOf, planOfMembers } from './problem-members.js';

/** Characters of JSON that the members of a problem may have together. */
const maxMembersLength = 64 * 1024;

/**
 * Compiles the members of a refusal, at start. Members of the error body that the contract does not declare do not pass.
 * @throws {TypeError} naming the field path, where the members ask for a field that the contract does not declare
 */
export function compileMembers(refusal: Refusal): MakeMembers | undefined {
  const view = membersOf(refusal);
  if (view === undefined) return undefined;
  const compiler = new ViewCompiler(planOfMembers(refusal));
  const evaluate = compiler.kept(view);
  return (body) => {
    const scope: EvaluationScope = {
      values: [body],
      input: {},
      slots: Array.from({ length: compiler.slotCount }),
      repair: () => undefined,
    };
    try {
      const made = evaluate(scope);
      return isObject(made) && JSON.stringify(made).length <= maxMembersLength ? made : undefined;
    } catch (error) {
      if (error instanceof BadPayload) return undefined;
      throw error;
    }
  };
}
