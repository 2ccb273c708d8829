import type { AddressBalancer } from '@frontage/balancing';
import type { Clock, Outcome } from '@frontage/core';
import type { BalanceTerms } from '../request/balance-terms.js';
import type { Address } from '../policy/upstream.options.js';
import type { Gate, Next, UpstreamRequest } from '../request/upstream-request.js';
import { classifyOutcome } from '../request/outcome-classification.js';

/** Addresses that one attempt tries at most, while none of them takes a connection. */
const mostAddresses = 3;

/**
 * Chooses the address of an attempt, for a second attempt not that of the first one. Where no connection to it opens, and so no byte was sent, the next address
 * is tried within the same attempt, whatever the method.
 * @param next the rest of the stack
 */
export function balance(addresses: AddressBalancer<Address>, terms: BalanceTerms, clock: Clock, next: Next): Gate {
  const { keyOf, callerOf, groupOf } = terms;
  const most = Math.min(addresses.size, mostAddresses);

  const choose = (request: UpstreamRequest, avoided: readonly Address[] | undefined): void => {
    const place = addresses.pick({
      key: keyOf?.(request),
      caller: callerOf?.(request),
      group: groupOf?.(request),
      avoided,
    });
    request.place = place;
    request.placedAt = clock.now();
    request.address = place.target;
  };

  const ended = (request: UpstreamRequest, outcome: Outcome<unknown>): void => {
    const { place, download } = request;
    if (place === undefined) return;
    request.place = undefined;
    const health = classifyOutcome(outcome, request);
    if (health !== 'nothing') addresses.report(place, health === 'good', clock.now() - request.placedAt);
    if (download === undefined) addresses.release(place);
    else download.onEnd(() => addresses.release(place));
  };

  const elsewhere = async (request: UpstreamRequest, first: Outcome<unknown>): Promise<Outcome<unknown>> => {
    const tried = [request.address];
    let outcome = first;
    while (tried.length < most && isUnreached(outcome, request)) {
      choose(request, tried);
      // Another address is part of the attempt that it began with.
      request.attempt--;
      outcome = await next(request);
      ended(request, outcome);
      tried.push(request.address);
    }
    return outcome;
  };

  return {
    enter(request) {
      choose(request, request.avoided && [request.avoided]);
      return undefined;
    },
    leave(request, outcome) {
      ended(request, outcome);
      return isUnreached(outcome, request) ? elsewhere(request, outcome) : undefined;
    },
    abandon({ place }) {
      if (place !== undefined) addresses.release(place);
    },
  };
}

/** No connection opened. */
function isUnreached(outcome: Outcome<unknown>, request: UpstreamRequest): boolean {
  return (
    !outcome.ok &&
    outcome.unsent === true &&
    outcome.status === 'error' &&
    outcome.code === 'GW_UPSTREAM_FAILED' &&
    request.stopReason === undefined &&
    request.isReplayable
  );
}
