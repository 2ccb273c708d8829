import type { CircuitBreaker } from '@frontage/breaker';
import { circuitOpen } from '../failures/failures.js';
import { classifyOutcome } from '../request/outcome-classification.js';
import type { Gate } from '../request/upstream-request.js';

/** Leaves a failing upstream alone: while the circuit is open, nothing is sent and nothing waited for. */
export function breaker(circuit: CircuitBreaker): Gate {
  return {
    enter(request) {
      request.permit = circuit.tryAcquire();
      return request.permit === undefined ? circuitOpen(circuit.retryAfterMs) : undefined;
    },
    leave(request, outcome) {
      const { permit } = request;
      const health = classifyOutcome(outcome, request);
      if (health === 'good') permit?.succeed();
      else if (health === 'bad') permit?.fail();
      else permit?.release();
      return undefined;
    },
    abandon(request) {
      request.permit?.release();
    },
  };
}
