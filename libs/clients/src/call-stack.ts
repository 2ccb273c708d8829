import type { AddressBalancer } from '@frontage/balancing';
import type { AdaptiveLimit, Bulkhead, CallNeed, Pressure } from '@frontage/breaker';
import type { RequestContext } from '@frontage/context';
import type { Clock } from '@frontage/core';
import type { AttemptPolicies } from './attempt-policies.js';
import type { BalanceTerms } from './request/balance-terms.js';
import type { Discovery } from './request/discovery.js';
import type { Circuits } from './policy/circuits.js';
import type { CompiledOperation } from './request/compiled-operation.js';
import type { DeadlineWatch } from './request/deadline-watch.js';
import { balance } from './stages/balance.stage.js';
import { breaker } from './stages/breaker.stage.js';
import { bulkhead } from './stages/bulkhead.stage.js';
import { credentials } from './stages/credentials.stage.js';
import { deadline, deadlineOfWrite } from './stages/deadline.stage.js';
import { headers } from './stages/headers.stage.js';
import { redirects } from './stages/redirects.stage.js';
import { hedge } from './stages/hedge.stage.js';
import { retry } from './stages/retry.stage.js';
import { gated } from './stages/gated.js';
import { transport } from './stages/transport.stage.js';
import type { Transport } from './transports/transport.js';
import type { Address } from './policy/address.js';
import type { ResolvedUpstreamOptions } from './policy/upstream.options.js';
import { forwardedFields } from './request/forwarded-fields.js';
import type { Next, Stage } from './request/upstream-request.js';

/** The state that the calls of one upstream share. A policy that is absent leaves its stage out. */
export interface CallPolicy {
  readonly options: ResolvedUpstreamOptions;
  readonly clock: Clock;
  readonly watch: DeadlineWatch;
  readonly carrier: Transport;
  /** Retries and hedges. */
  readonly attempts: AttemptPolicies | undefined;
  readonly circuits: Circuits | undefined;
  readonly places: Bulkhead | undefined;
  /** Sets the size of `places`; absent where policy states it. */
  readonly limit: AdaptiveLimit | undefined;
  /** That of all upstreams of the process. */
  readonly pressure: Pressure | undefined;
  readonly tierOf: ((context: RequestContext) => number) | undefined;
  readonly addresses: AddressBalancer<Address> | undefined;
  readonly terms: BalanceTerms;
  /** Absent where policy names the addresses. */
  readonly discovery: Discovery | undefined;
}

/**
 * The way of one call, from the plan to the wire. Put together at boot, once per operation.
 * @param kept what stands before a read: a cache; around a write: what ends the use of responses in one
 */
export function callStack(
  operation: CompiledOperation,
  kept: Stage | undefined,
  policy: CallPolicy,
  need: CallNeed = operation.isSafe ? 'required' : 'write',
): Next {
  const { options, clock, carrier, circuits, places, limit, addresses } = policy;
  // Last before the wire: what is written here (time left, span, secrets) is true for this attempt only.
  const forwarded = forwardedFields(operation.info.id, options);
  const written = headers(operation, options, forwarded, clock)(transport(carrier));
  // Inside the choice of an address, which says where a call begins; around the headers, which every hop writes anew.
  const sent = options.followRedirects > 0 ? redirects(options.followRedirects, options.addresses)(written) : written;
  const circuit = circuits?.of(operation.info.id);
  const attempt = [
    // Before a permit is taken: an open circuit must fail at once, not after a queue.
    circuit && breaker(circuit, circuits?.failuresOf(operation.info.id)),
    // Around one attempt: a pause between two attempts holds no place.
    places && bulkhead(places, { need, tierOf: policy.tierOf, pressure: policy.pressure }, limit && { limit, clock }),
    // As late as this, so that an address that fails meanwhile is not chosen, and a second attempt goes to the next one.
    addresses && balance({ addresses, terms: policy.terms, clock, discovery: policy.discovery }, sent),
  ].filter((gate) => gate !== undefined);
  const once = gated(attempt, sent);
  const hedging = operation.isSafe ? policy.attempts?.hedgeOf(operation.info) : undefined;
  // Outside the breaker and the bulkhead: both attempts are counted, and each has a permit of its own.
  const hedged = hedging && hedge(hedging, { circuit, places }, clock)(once);
  const retrying = policy.attempts?.retryOf(operation.info);
  const attempts = [
    // Inside the deadline, so that no attempt outlives it; outside the breaker, so that every attempt is counted.
    retrying && retry(retrying, clock, hedged ?? once),
    // One promise for all of them, where nothing stands between.
    ...(hedged === undefined ? attempt : []),
  ].filter((gate) => gate !== undefined);
  const whole = [
    // Around all attempts and pauses: one budget of time however often we try.
    operation.isSafe ? deadline(policy.watch) : undefined,
    // Before the breaker and the permit: a token endpoint that fails says nothing of the upstream, and a call that waits for it holds no permit.
    options.sources.length > 0 ? credentials(options.sources, gated(attempts, hedged ?? sent)) : undefined,
    ...attempts,
  ].filter((gate) => gate !== undefined);
  const all = gated(whole, hedged ?? sent);
  // Inside the deadline of a write, because a write that nobody waits for any longer runs on, and changes something in the end.
  if (!operation.isSafe) return deadlineOfWrite(clock)(kept === undefined ? all : kept(all));
  // First, because the cheapest call is the one that is not made; many that want the same at once become one here.
  return kept === undefined ? all : kept(all);
}

/** Calls wait for what is being loaded; afterwards it costs them one comparison. */
export function afterLoading(loading: Promise<void> | undefined, next: Next): Next {
  if (loading === undefined) return next;
  let isLoading = true;
  loading.then(
    () => (isLoading = false),
    // The calls tell.
    () => undefined,
  );
  return (request) => (isLoading ? loading.then(() => next(request)) : next(request));
}
