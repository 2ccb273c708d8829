import { fail, type CancelReason, type Failure } from '@frontage/core';

/** The call took its own time. */
const timedOut = Object.freeze(fail('GW_UPSTREAM_TIMEOUT', { detail: 'no response within the timeout' }));

/** The plan had no time left for it, before or while it ran. */
export const deadlinePassed = Object.freeze(fail('GW_DEADLINE_EXCEEDED', { detail: 'the deadline passed' }));

/** The same, before anything was sent. */
export const tooLateToSend = unsentFailure(deadlinePassed);

/** @param retryAfterMs when a probe may pass; absent while it waits for those under way */
export const circuitOpen = (retryAfterMs: number | undefined): Failure =>
  fail('GW_UPSTREAM_OPEN_CIRCUIT', {
    detail: 'the circuit is open',
    unsent: true,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });

export const shed = Object.freeze(
  fail('GW_OVERLOADED', {
    detail: 'too many calls are waiting for this upstream',
    unsent: true,
    retryAfterMs: 1_000,
  }),
);

/** No caller waits for it any longer: the client left, or a required sibling failed. */
const cancelled = Object.freeze(fail('GW_UPSTREAM_FAILED', { status: 'skipped', detail: 'the call was cancelled' }));

const shuttingDown = Object.freeze(fail('GW_OVERLOADED', { detail: 'the gateway is shutting down' }));

/** The reason why a call was stopped before it ended; `own_timeout` is the call's, `hedge_lost` that of one of two attempts, the others come from its caller. */
export type StopReason = CancelReason | 'own_timeout' | 'hedge_lost';

export function stoppedBy(reason: StopReason): Failure {
  switch (reason) {
    case 'own_timeout':
    case 'timeout':
      return timedOut;
    case 'deadline':
      return deadlinePassed;
    case 'shutdown':
      return shuttingDown;
    default:
      return cancelled;
  }
}

/** The same failure of a call of which no byte was handed to a connection. */
export function unsentFailure(failure: Failure): Failure {
  return { ...failure, unsent: true };
}

/** True if a stopped call says nothing about the upstream. */
export function isCancellation(reason: StopReason | undefined): boolean {
  return reason === 'client_gone' || reason === 'sibling_failed' || reason === 'shutdown' || reason === 'hedge_lost';
}

export const failed = (detail: string, upstreamStatus?: number): Failure =>
  fail('GW_UPSTREAM_FAILED', { detail, ...(upstreamStatus === undefined ? undefined : { upstreamStatus }) });

export const badPayload = (detail: string, upstreamStatus: number): Failure =>
  fail('GW_UPSTREAM_BAD_PAYLOAD', { detail, upstreamStatus });

/** A success says that a change was made, but not in the form that the contract declares. */
export const madeWithoutValue = (detail: string, upstreamStatus: number): Failure => ({
  ...badPayload(detail, upstreamStatus),
  made: true,
});

/** A number that a double cannot hold was read. */
export const inexactPayload = fail('GW_UPSTREAM_BAD_PAYLOAD', {
  detail: 'holds a number that a double cannot hold, where it is read',
});

/** The arguments cannot be written as a request: nothing was sent. */
export const notEncodable = (detail: string): Failure => ({ ...unreadableBody(detail), unsent: true });

/** The body could not be read to its end, while it was being sent. */
export const unreadableBody = (detail: string): Failure => fail('GW_INVALID_INPUT', { detail });
