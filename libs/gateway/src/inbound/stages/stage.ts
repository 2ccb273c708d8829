import type { TokenVerifier } from '@frontage/auth';
import type { BffConfig } from '@frontage/config';
import type { Clock } from '@frontage/core';
import type { RateLimiter } from '@frontage/throttling';
import type { InboundStep } from '../../exchange/exchange.js';
import type { Route } from '../../routes/routes.js';

/** What stages need of the app. */
export interface InboundApp {
  readonly config: BffConfig;
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  readonly verifier: TokenVerifier | undefined;
  /** Requests that have come in and are not answered yet. */
  readonly inFlight: number;
}

/** Decides at boot what a route needs of it: `undefined` where the answer is nothing, so that it costs nothing. */
export type InboundStage = (route: Route, app: InboundApp) => InboundStep | undefined;
