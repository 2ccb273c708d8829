import type { LastGoodStore } from '@frontage/aggregation';
import type { PolicyEngine, Revocations, TokenVerifier } from '@frontage/auth';
import type { BffConfig } from '@frontage/config';
import type { Clock } from '@frontage/core';
import type { Sessions } from '@frontage/sessions';
import type { AddressLists, RateLimiter, Signals } from '@frontage/throttling';
import type { Tracing } from '@frontage/tracing';
import type { CdnDoor } from '../door/cdn.js';
import type { ScreenStores } from '../validators/screen-stores.js';
import type { Incidents } from '../incidents/incidents.js';
import type { UpstreamRegistry } from '../outbound/upstream-registry.js';

/** The parts that a runtime is made of. */
export interface RuntimeParts {
  readonly config: BffConfig;
  readonly clock: Clock;
  readonly upstreams: UpstreamRegistry;
  readonly limiter: RateLimiter;
  readonly verifier: TokenVerifier | undefined;
  readonly telemetry: Tracing;
  /** Absent where the policy has none. */
  readonly addressLists?: AddressLists | undefined;
  /** Absent where the policy has none. */
  readonly signals?: Signals | undefined;
  readonly sessions?: Sessions | undefined;
  /** Absent with `access: off`. */
  readonly revocations?: Revocations | undefined;
  /** The store of all plans; absent: each has its own, in memory. */
  readonly lastGood?: LastGoodStore;
  /** Clients may ask for states of a screen, in development. @default false */
  readonly hasScenarios?: boolean;
  /** Absent: no incidents are kept. */
  readonly incidents?: Incidents | undefined;
  /** The external policy of access. */
  readonly decisions?: PolicyEngine | undefined;
  /** Absent: everybody may connect. */
  readonly cdn?: CdnDoor | undefined;
  /** The public keys of the user context; undefined where the app signs none. */
  readonly userContextKeys?: () => { readonly keys: readonly unknown[] } | undefined;
  readonly screens: ScreenStores;
  /** Run one after the other when the app closes. */
  readonly closers: readonly (() => Promise<void> | void)[];
}
