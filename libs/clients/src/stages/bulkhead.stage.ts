import type { Bulkhead } from '@frontage/breaker';
import type { Outcome } from '@frontage/core';
import { shed } from '../failures/failures.js';
import type { Next, Stage, UpstreamRequest } from '../request/upstream-request.js';

/** Bounds the running and the waiting calls to one upstream and sheds the rest, so that a slow upstream uses only its own permits. */
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
        // If the permit was given at this moment, the call continues and finds itself stopped.
        if (waiting.cancel()) resolve(request.stopFailure);
      },
    });
  });
}
