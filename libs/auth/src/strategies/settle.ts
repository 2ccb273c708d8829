import type { Caller } from '@frontage/context';
import { ProblemError } from '@frontage/core';
import type { Proof, Prover } from '../token/proof.js';

/** The functions that Passport adds to a strategy. */
export interface Settling {
  success(user: Caller, info: Proof): void;
  fail(challenge: unknown, status: number): void;
  error(error: unknown): void;
}

/** Ends a run of a strategy with the proof of a credential, or with the reason why there is none. */
export function settle(
  strategy: Settling,
  credential: string | null,
  prover: Prover,
  withinMs: number | undefined,
): void {
  if (credential === null) {
    strategy.fail(undefined, 401);
    return;
  }
  prover.prove(credential, withinMs).then(
    (proof) => strategy.success(proof.caller, proof),
    (error: unknown) => {
      // Another credential may be good where this one is not; what cannot be verified ends the request.
      if (error instanceof ProblemError && error.status !== 401) strategy.error(error);
      else if (error instanceof Error) strategy.fail(error, 401);
      else strategy.error(error);
    },
  );
}
