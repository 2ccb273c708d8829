import { rankOf, type AdaptiveLimit, type Bulkhead, type CallNeed, type Pressure } from '@frontage/breaker';
import type { RequestContext } from '@frontage/context';
import { channels, type CallShed, type Clock, type Outcome } from '@frontage/core';
import { shed } from '../failures/failures.js';
import { classifyOutcome } from '../request/outcome-classification.js';
import type { Gate, UpstreamRequest } from '../request/upstream-request.js';

/** The order of the calls that wait. */
export interface QueueTerms {
  readonly need: CallNeed;
  /** The tier of a caller, 0 to 7, higher first. Asked only where calls wait. */
  readonly tierOf: ((context: RequestContext) => number) | undefined;
  /** That of all upstreams of the process. */
  readonly pressure: Pressure | undefined;
}

/** A limit that follows the latency of the upstream, and the clock that measures it. */
export interface AdaptivePlaces {
  readonly limit: AdaptiveLimit;
  readonly clock: Clock;
}

/**
 * Bounds the running and the waiting calls to one upstream and sheds the rest, so that a slow upstream uses only its own permits. Writes go
 * first, then what a page cannot do without, then the rest.
 */
export function bulkhead(places: Bulkhead, terms: QueueTerms, adaptive?: AdaptivePlaces): Gate {
  const { pressure, need } = terms;
  const canBeLeftOut = need === 'optional';
  const release = (): void => places.release();
  const enter = (request: UpstreamRequest): ReturnType<Gate['enter']> => {
    if (canBeLeftOut && pressure?.refuses(need) === true) return shedCall(request, need);
    return places.tryAcquire() ? undefined : queue(places, request, terms);
  };
  const leave = (request: UpstreamRequest): undefined => {
    // A download holds its place until it is through.
    if (request.download === undefined) release();
    else request.download.onEnd(release);
    return undefined;
  };
  if (adaptive === undefined) return { enter, leave, abandon: release };
  const { limit, clock } = adaptive;
  return {
    enter(request) {
      const entered = enter(request);
      if (entered === undefined) request.permittedAt = clock.now();
      if (!(entered instanceof Promise)) return entered;
      return entered.then((refused) => {
        request.permittedAt = clock.now();
        return refused;
      });
    },
    leave(request, outcome) {
      const said = saidOf(outcome, request);
      const now = clock.now();
      const isJudged =
        said !== undefined && limit.record(now, now - request.permittedAt, places.active, said === 'dropped');
      leave(request);
      if (isJudged) places.resize(limit.limit);
      return undefined;
    },
    abandon: release,
  };
}

/** The meaning of an outcome for the load of the upstream; `undefined` for none. A quick 500 is no sign of free capacity. */
function saidOf(outcome: Outcome<unknown>, request: UpstreamRequest): 'served' | 'dropped' | undefined {
  if (!outcome.ok && (outcome.upstreamStatus === 429 || outcome.upstreamStatus === 503)) return 'dropped';
  const health = classifyOutcome(outcome, request);
  if (health === 'good') return 'served';
  return health === 'bad' && !outcome.ok && outcome.upstreamStatus === undefined ? 'dropped' : undefined;
}

function shedCall({ operation }: UpstreamRequest, need: CallNeed): typeof shed {
  if (channels.callShed.hasSubscribers)
    channels.callShed.publish({ upstream: operation.upstream, operation: operation.info.id, need } satisfies CallShed);
  return shed;
}

function queue(
  places: Bulkhead,
  request: UpstreamRequest,
  { need, tierOf }: QueueTerms,
): Promise<Outcome<unknown> | undefined> {
  const { context } = request.scope;
  return new Promise((resolve) => {
    const waiting = places.enqueue({
      rank: rankOf(need, tierOf?.(context) ?? 0),
      caller: context.caller?.subject ?? context.clientAddress,
      onReady() {
        request.waitFor(undefined);
        resolve(undefined);
      },
      onShed() {
        request.waitFor(undefined);
        resolve(shedCall(request, need));
      },
    });
    if (waiting === undefined) {
      resolve(shedCall(request, need));
      return;
    }
    request.waitFor({
      stop() {
        // If the permit was given at this moment, the call continues and finds itself stopped.
        if (waiting.cancel()) resolve(request.stopFailure);
      },
    });
  });
}
