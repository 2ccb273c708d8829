export {
  bodyMediaOf,
  formMembersOf,
  isContractInput,
  parametersOf,
  type BothInputs,
  type ContractInput,
  type QueryInput,
} from './input/contract-input.js';
export { fileMistakes } from './input/file-uses.js';
export type { FormMember } from './input/form-members.js';
export { inputOf, type InputOfOperation } from './input/input-of.js';
export type { ResponseSchema } from './schema/response-schema.js';
export { byKind, mapEnum, when } from './view/choices.js';
export {
  all,
  compute,
  fixed,
  merge,
  named,
  omit,
  orElse,
  orNull,
  orOmit,
  pick,
  test,
  text,
  within,
} from './view/combinators.js';
export { at, equal, groupBy, indexBy } from './view/joins.js';
export { count, first, list, sortBy, take, where, concat, distinct, flatten, max, min, sum } from './view/lists.js';
export { headersOf, headersOfCalls } from './headers/headers-of.js';
export type { ProblemSchema } from './problems/problem-schemas.js';
export { withMembers } from './problems/problem-members.js';
export {
  declaredScreens,
  screen,
  type Cookie,
  type CookieAttributes,
  type HeaderValue,
  type ResponseHead,
  type ResponseOf,
  type Screen,
  type ScreenOptions,
} from './view/screen.js';
export type { RenderedHead } from './headers/render-head.js';
export { compilePlan, type RunOptions, type RunPlan } from './compile/compile-plan.js';
export type { Bind, CallTerms, PlanPolicy } from './compile/bind.js';
export {
  compileScreen,
  type CompiledScreen,
  type CompleteResponse,
  type PartialResponse,
  type ProblemResponse,
  type ScreenDescription,
  type ScreenResult,
  type UnchangedResponse,
} from './compile-screen.js';
export { batch, keys, type Keys } from './plan/batch.js';
export type { CriticalPath } from './describe/critical-path.js';
export type {
  OtherCallDescription,
  PartDescription,
  PlanDescription,
  FallbackDescription,
} from './describe/describe-plan.js';
export { include } from './plan/include.js';
export { callOf, callsOf, type CallNode, type PartNode } from './model/nodes.js';
export { cursorInLink } from './headers/link-cursor.js';
export { pages } from './plan/pages.js';
export { lastGood } from './plan/fallbacks.js';
export { LastGoodMemory, type LastGoodStore } from './run/last-good.js';
export type { MissingItems, MissingPart, PartSource, PartsReport } from './model/parts-report.js';
export { inputReads, requiredInputs, type RequiredInput } from './plan/required-arguments.js';
export { plan, type AnyPlan, type InputOf, type PartsOf, type Plan, type PlanOptions } from './plan/plan.js';
export type { Finished, Cancelled, PlanResult, Refused } from './run/plan-result.js';
// Declarations of screens name them.
export type { ComputeWith, ListMistakes, MayBeAbsent, NotAValueYet } from './model/mistakes.js';
export type { Deep, DeepMaybe, MaybeMissing, Part, Ref } from './model/references.js';
export { problem, type ProblemMaker, type ReadyProblem } from './model/refusals.js';
export { idempotencyKey } from './model/arguments.js';
export type { Problem, Refusal } from './model/nodes.js';
export { given, isGiven, type Schema } from './model/schema.js';
export type { MaybeMissingNode, Node, PresentNode } from './plan/call-types.js';
export { atLeastOne, each, optional, required, step, write } from './plan/verbs.js';
export { originLines } from './describe/origins/origin-lines.js';
export { projectionCounts } from './describe/projection-counts.js';
