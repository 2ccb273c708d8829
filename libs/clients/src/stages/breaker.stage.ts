import type { Circuit } from '@frontage/breaker';
import { circuitOpen } from '../failures/failures.js';
import type { StatusRule } from '../policy/status-rule.js';
import { classifyOutcome } from '../request/outcome-classification.js';
import type { Gate } from '../request/upstream-request.js';

/**
 * Leaves a failing upstream alone: while the circuit is open, nothing is sent and nothing waited for.
 * @param isFailure the statuses that count against the upstream. @default that of the outcome classification
 */
export function breaker(circuit: Circuit, isFailure?: StatusRule): Gate {
  return {
    enter(request) {
      request.permit = circuit.tryAcquire();
      request.circuit = circuit.state;
      return request.permit === undefined ? circuitOpen(circuit.retryAfterMs) : undefined;
    },
    leave(request, outcome) {
      const { permit } = request;
      const health = classifyOutcome(outcome, request, isFailure);
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
