export type { AnswerSchema } from './answer-schema.js';
export { byKind, mapEnum, when } from './choices.js';
export { compute, fixed, named, orElse, orNull, orOmit, pick, test, text, within } from './combinators.js';
export { at, count, first, indexBy, list, sortBy, take, where } from './lists.js';
export { screen, type AnswerOf, type Screen } from './screen.js';
export {
  compilePlan,
  type Bind,
  type CallTerms,
  type PlanPolicy,
  type RunOptions,
  type RunPlan,
} from './compile-plan.js';
export {
  compileScreen,
  type CompiledScreen,
  type CompleteAnswer,
  type PartialAnswer,
  type ProblemAnswer,
  type ScreenDescription,
  type ScreenResult,
} from './compile-screen.js';
export type { PartDescription, PlanDescription } from './describe-plan.js';
export type { MissingItems, MissingPart, PartSource, PartsReport } from './parts-report.js';
export { plan, type AnyPlan, type InputOf, type PartsOf, type Plan, type PlanOptions } from './plan.js';
export type { Answered, Cancelled, PlanResult, Refused } from './plan-result.js';
export type { Deep, DeepMaybe, MayBeAbsent, Part, Ref } from './references.js';
export { problem, type Problem, type ProblemMaker, type Refusal } from './refusals.js';
export { given, type Schema } from './schema.js';
export { each, optional, required, step, write, type Node, type Sure, type Unsure } from './verbs.js';
