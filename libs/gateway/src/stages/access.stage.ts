import { AccessControl, bearerOf } from '@frontage/auth';
import type { Caller } from '@frontage/context';
import type { InboundStage } from '../pipeline.js';

const control: AccessControl = new AccessControl();

/** Verifies the token and holds it against the route's rule: 401 where nobody is known, 403 where the caller may not. */
export const accessStage: InboundStage = (route, runtime) => {
  if (route.access === 'public') return undefined;
  const rule = route.access;
  const { verifier } = runtime;
  if (verifier === undefined) {
    throw new Error(
      `${route.method} ${route.path} asks for a caller, but ${runtime.config.file} takes no tokens: add access: { jwt: { issuer, audience, jwks } }`,
    );
  }
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
