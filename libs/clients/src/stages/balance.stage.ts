import type { AddressBalancer } from '@frontage/balancing';
import type { Clock, Outcome } from '@frontage/core';
import type { Discovery } from '../request/discovery.js';
import { failed, unsentFailure } from '../failures/failures.js';
import type { BalanceTerms } from '../request/balance-terms.js';
import type { Address } from '../policy/address.js';
import type { Gate, Next, UpstreamRequest } from '../request/upstream-request.js';
import { classifyOutcome } from '../request/outcome-classification.js';

/** Addresses that one attempt tries at most, while none of them takes a connection. */
const mostAddresses = 3;

interface Balancing {
  readonly addresses: AddressBalancer<Address>;
  readonly terms: BalanceTerms;
  readonly clock: Clock;
  /** Absent where policy names the addresses. */
  readonly discovery: Pick<Discovery, 'onAnswer' | 'failure'> | undefined;
}

/**
 * Chooses the address of an attempt, for a second attempt not that of the first one. Where no connection to it opens, and so no byte was sent, the next address
 * is tried within the same attempt, whatever the method.
 * @param next the rest of the stack
 */
export function balance({ addresses, terms, clock, discovery }: Balancing, next: Next): Gate {
  const { keyOf, callerOf, groupOf } = terms;

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
    while (tried.length < Math.min(addresses.size, mostAddresses) && isUnreached(outcome, request)) {
      choose(request, tried);
      // Another address is part of the attempt that it began with.
      request.attempt--;
      outcome = await next(request);
      ended(request, outcome);
      tried.push(request.address);
    }
    return outcome;
  };

  const refused = (): Outcome<unknown> => unsentFailure(failed(discovery?.failure ?? 'there is no address'));

  /** The call waits for the first answer to its service, and its deadline ends that. */
  const firstAddress = (request: UpstreamRequest): Outcome<unknown> | Promise<Outcome<unknown> | undefined> => {
    if (request.stopReason !== undefined) return request.stopFailure;
    if (discovery === undefined || discovery.failure !== undefined) return refused();
    return new Promise((resolve) => {
      const end = discovery.onAnswer(() => {
        request.waitFor(undefined);
        if (addresses.size > 0) choose(request, undefined);
        resolve(addresses.size > 0 ? undefined : refused());
      });
      request.waitFor({
        stop() {
          end();
          resolve(request.stopFailure);
        },
      });
    });
  };

  return {
    enter(request) {
      if (addresses.size === 0) return firstAddress(request);
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
