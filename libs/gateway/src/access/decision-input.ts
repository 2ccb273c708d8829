import type { IncomingMessage } from 'node:http';
import { callOf, type AnyPlan } from '@frontage/aggregation';
import { requestValues, type DecisionInput } from '@frontage/auth';
import type { RequestContext } from '@frontage/context';

/** The facts about a route that a policy gets. */
interface DecidedRoute {
  readonly method: string;
  /** Template: `/orders/:id`. */
  readonly path: string;
  readonly screen: { readonly plan: AnyPlan } | undefined;
}

/** Makes what an external policy gets of the requests to one route; all that is the same for each is made at the start. */
export function compileDecisionInput(
  { method, path, screen }: DecidedRoute,
  bff: string,
): (context: RequestContext, request: Pick<IncomingMessage, 'url'>) => DecisionInput {
  const parts = Object.fromEntries(
    (screen?.plan.parts ?? []).flatMap(({ name, node }) => {
      const call = callOf(node);
      if (call === undefined) return [];
      const { operation, need, access } = call;
      const described = { upstream: operation.contract.upstream, operation: operation.id, need };
      return [[name, { ...described, ...(access && { access }) }] as const];
    }),
  );
  const valuesOf = requestValues(path);
  const route = { method, path };
  return ({ caller = {} }, { url = '' }) => ({ bff, route, ...valuesOf(url), caller, parts });
}
