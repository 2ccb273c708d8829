import type { PolicyEngine, TokenVerifier } from '@frontage/auth';
import type { Admission } from '@frontage/breaker';
import type { BffConfig } from '@frontage/config';
import type { Clock } from '@frontage/core';
import type { Sessions } from '@frontage/sessions';
import type { AddressLists, InFlightLimit, RateLimiter, Signals } from '@frontage/throttling';
import type { CdnDoor } from '../../door/cdn.js';
import type { Cors } from '../../door/cors.js';
import type { InboundStep } from '../../exchange/exchange.js';
import type { Route } from '../../routes/routes.js';

/** The parts of the app that stages use. */
export interface InboundApp {
  readonly config: BffConfig;
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  /** Absent where the policy has none. */
  readonly addressLists?: AddressLists | undefined;
  /** Absent where the policy has none. */
  readonly signals?: Signals | undefined;
  readonly verifier: TokenVerifier | undefined;
  /** The external policy; absent where access asks for none. */
  readonly decisions?: PolicyEngine | undefined;
  /** Absent where the policy has none. */
  readonly sessions?: Sessions | undefined;
  /** Absent: pages of other origins may not call the app. */
  readonly cors?: Cors | undefined;
  /** Absent: everybody may connect. */
  readonly cdn?: CdnDoor | undefined;
  /** Requests without a complete response. */
  readonly inFlight: number;
  /** Absent with `admission: off`. */
  readonly admission: Admission | undefined;
  /** Requests of each caller under way, where policy bounds them. */
  readonly callerPlaces: InFlightLimit | undefined;
  /** True if some route takes forms with files. */
  readonly takesForms: boolean;
}

/** Decides at boot what a route needs of it: `undefined` if it needs nothing, so that the stage costs nothing. */
export type InboundStage = (route: Route, app: InboundApp) => InboundStep | undefined;
