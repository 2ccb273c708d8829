import type { Bulkhead } from '@frontage/breaker';
import type { Outcome } from '@frontage/core';
import { shed } from '../failures/failures.js';
import type { Next, Stage, UpstreamRequest } from '../request/upstream-request.js';

/** So many calls at once towards one upstream, so many waiting, the rest shed: a slow upstream fills its own places and nobody else's. */
export function bulkhead(places: Bulkhead): Stage {
  return (next) => (request) => (places.tryAcquire() ? perform(places, next, request) : queue(places, next, request));
}

function perform(places: Bulkhead, next: Next, request: UpstreamRequest): Promise<Outcome<unknown>> {
  return next(request).then(
    (outcome) => {
      // A download holds its place until it is through.
      if (request.download === undefined) places.release();
      else request.download.onEnd(() => places.release());
      return outcome;
    },
    (bug: unknown) => {
      places.release();
      throw bug;
    },
  );
}

function queue(places: Bulkhead, next: Next, request: UpstreamRequest): Promise<Outcome<unknown>> {
  return new Promise((resolve, reject) => {
    const waiting = places.enqueue(() => {
      request.waitFor(undefined);
      perform(places, next, request).then(resolve, reject);
    });
    if (waiting === undefined) {
      resolve(shed);
      return;
    }
    request.waitFor({
      stop() {
        // Where the place was given in this very moment, the call goes on and finds itself stopped.
        if (waiting.cancel()) resolve(request.stopFailure);
      },
    });
  });
}
