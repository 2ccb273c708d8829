import type { Caller } from '@frontage/context';
import { ProblemError } from '@frontage/core';
import type { Proof, Prover } from '../token/proof.js';
import type { RequestHead } from '../verifiers/token-verifier.js';
import type { BindingCheck } from './bound-token.js';

/** The functions that Passport adds to a strategy. */
export interface Settling {
  success(user: Caller, info: Proof): void;
  fail(challenge: unknown, status: number): void;
  error(error: unknown): void;
}

/** The parts with which a strategy proves the credentials that it reads. */
export interface Proving {
  readonly extract: (request: RequestHead) => string | null;
  readonly prover: Prover;
  readonly checkBinding: BindingCheck;
}

/** Ends a run of a strategy with the proof of a credential, or with the reason why there is none. */
export function settle(
  strategy: Settling,
  request: RequestHead,
  { extract, prover, checkBinding }: Proving,
  withinMs: number | undefined,
): void {
  const credential = extract(request);
  if (credential === null) {
    strategy.fail(undefined, 401);
    return;
  }
  const proving = prover.prove(credential, withinMs).then((proof) => {
    const pending = checkBinding(proof, credential, request);
    return pending === undefined ? proof : pending.then(() => proof);
  });
  proving.then(
    (proof) => strategy.success(proof.caller, proof),
    (error: unknown) => {
      // Another credential may be good where this one is not; what cannot be verified ends the request.
      if (error instanceof ProblemError && error.status !== 401) strategy.error(error);
      else if (error instanceof Error) strategy.fail(error, 401);
      else strategy.error(error);
    },
  );
}

/** The same for what is proven without waiting. */
export function settleAtOnce(strategy: Settling, prove: () => Proof): void {
  let proof: Proof;
  try {
    proof = prove();
  } catch (reason) {
    strategy.fail(reason, 401);
    return;
  }
  strategy.success(proof.caller, proof);
}
