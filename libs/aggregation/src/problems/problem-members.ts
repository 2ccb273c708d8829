import type { FieldError } from '@frontage/core';
import { Refusal } from '../model/nodes.js';
import type { Ref } from '../model/references.js';
import type { ProblemMaker } from '../model/refusals.js';
import type { Expression } from '../view/expressions.js';
import { checkMembers } from '../view/screen.js';
import { plannedFieldsIn, toExpression } from '../view/view-reference.js';
import type { Checked, Rendered } from '../view/view-types.js';
import type { AnyPlan } from '../plan/plan.js';

/** Members of every problem: a problem of a screen cannot give them another meaning. */
const reserved = ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId', 'part', 'writes'] as const;
type Reserved = (typeof reserved)[number];

/** The members of a problem; a name that has a meaning of its own says so in the message of the compiler. */
type ProblemMembers<R> =
  R extends Ref<unknown>
    ? 'write an object: { fields: list(error.errors, ...) }'
    : {
        readonly [K in keyof R]: K extends Reserved
          ? 'this member has a meaning in every problem (RFC 9457): choose another name'
          : K extends 'errors'
            ? Rendered<R[K]> extends readonly FieldError[] | undefined
              ? unknown
              : 'errors is a list of { pointer, message } in every problem: choose another name'
            : unknown;
      };

const views = new WeakMap<Refusal, Expression>();

/**
 * A problem with members that are made of the error body of the service, by the same verbs as a view. The members stand in the OpenAPI
 * document of the BFF. A body that is not what its contract says gives the problem without them; so do more than 64 KiB.
 *
 * ```ts
 * write(orders.createOrder, { body }, {
 *   refuseOn: { 422: (error) => withMembers(invalid, { fields: list(error.errors, (e) => pick(e, 'pointer', 'message')) }) },
 * });
 * ```
 * @throws {TypeError} for a member that has a meaning in every problem, and for everything that a view refuses
 */
export function withMembers<Code extends string, const R extends object>(
  problem: Refusal<Code> | ProblemMaker<Code, readonly []>,
  members: R & Checked<R> & ProblemMembers<R>,
): Refusal<Code> {
  const { problem: known, args, detail } = problem instanceof Refusal ? problem : problem();
  const view = toExpression(members);
  const what = `the members of '${known.code}'`;
  const [other] = plannedFieldsIn(view).keys();
  if (other !== undefined)
    throw new TypeError(`${what}: ${other} is a reference of the plan: members are made of the error body alone`);
  if (view.kind !== 'object' && view.kind !== 'pick')
    throw new TypeError(`${what} are no object: write { fields: list(error.errors, ...) }`);
  const names = view.kind === 'object' ? view.members.map(([name]) => name) : view.keys;
  const taken = names.find((name) => reserved.some((one) => one === name));
  if (taken !== undefined)
    throw new TypeError(`${what}: '${taken}' has a meaning in every problem (RFC 9457): choose another name`);
  checkMembers(view);
  const made = new Refusal<Code>(known, args, detail);
  views.set(made, view);
  return made;
}

/** The members of a refusal as an expression of the error body. */
export const membersOf = (refusal: Refusal): Expression | undefined => views.get(refusal);

/** The plan that such an expression belongs to: it has no part but the error body, which the expression holds itself. */
export const planOfMembers = ({ problem }: Refusal): AnyPlan => ({
  name: `the problem '${problem.code}'`,
  inputs: {},
  input: { kind: 'input' },
  parts: [],
  rules: [],
  deadlineMs: Number.POSITIVE_INFINITY,
  reserveMs: undefined,
  description: undefined,
  source: '',
});
