import type { Bulkhead } from '@frontage/breaker';
import type { Outcome } from '@frontage/core';
import { shed } from '../failures/failures.js';
import type { Gate, UpstreamRequest } from '../request/upstream-request.js';

/** Bounds the running and the waiting calls to one upstream and sheds the rest, so that a slow upstream uses only its own permits. */
export function bulkhead(places: Bulkhead): Gate {
  const release = (): void => places.release();
  return {
    enter: (request) => (places.tryAcquire() ? undefined : queue(places, request)),
    leave(request) {
      // A download holds its place until it is through.
      if (request.download === undefined) release();
      else request.download.onEnd(release);
      return undefined;
    },
    abandon: release,
  };
}

function queue(places: Bulkhead, request: UpstreamRequest): Promise<Outcome<unknown> | undefined> {
  return new Promise((resolve) => {
    const waiting = places.enqueue(() => {
      request.waitFor(undefined);
      resolve(undefined);
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
