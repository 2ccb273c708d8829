import { AccessControl, bearerOf } from '@frontage/auth';
import type { Caller } from '@frontage/context';
import type { InboundStage } from '../pipeline.js';

const control: AccessControl = new AccessControl();

/** Verifies the token and holds it against the route's rule: 401 where nobody is known, 403 where the caller may not. */
export const accessStage: InboundStage = (route, runtime) => {
  if (route.access === 'public') return undefined;
  const rule = route.access;
  const { verifier } = runtime;
  // The start has checked that the policy takes tokens; nobody gets past this line without one.
  if (verifier === undefined) throw new Error(`${route.method} ${route.path} has nobody who verifies tokens`);
  return ({ context }) => {
    const token = bearerOf(context.headers['authorization'] as string | undefined);
    if (token === undefined) return control.check(rule, undefined);
    const admit = (caller: Caller): void => {
      context.caller = caller;
      context.bearerToken = token;
      control.check(rule, caller);
    };
    const verified = verifier.verify(token);
    return verified instanceof Promise ? verified.then(admit) : admit(verified);
  };
};
