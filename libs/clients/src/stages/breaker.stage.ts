import type { CircuitBreaker } from '@frontage/breaker';
import { circuitOpen } from '../failures/failures.js';
import { classifyOutcome } from '../request/outcome-classification.js';
import type { Stage } from '../request/upstream-request.js';

/** Leaves a failing upstream alone: while the circuit is open, nothing is sent and nothing waited for. */
export function breaker(circuit: CircuitBreaker): Stage {
  return (next) => (request) => {
    const permit = circuit.tryAcquire();
    if (permit === undefined) return Promise.resolve(circuitOpen(circuit.retryAfterMs));
    return next(request).then(
      (outcome) => {
        const health = classifyOutcome(outcome, request);
        if (health === 'good') permit.succeed();
        else if (health === 'bad') permit.fail();
        else permit.release();
        return outcome;
      },
      (bug: unknown) => {
        permit.release();
        throw bug;
      },
    );
  };
}
