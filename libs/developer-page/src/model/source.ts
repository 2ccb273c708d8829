import type { Clock } from '@frontage/core';
import type { BreakerState, EndpointState, PolicyValue, UpstreamState, WhyMember } from './state.js';

/** The state of an upstream beside its calls. */
export type UpstreamFacts = Pick<UpstreamState, 'name' | 'urls' | 'operations' | 'places'> & {
  readonly breakers: readonly BreakerState[];
};

/** The app that the page is about, as its gateway knows it. */
export interface DeveloperSource {
  readonly app: string;
  readonly environment: string;
  /** Address of the sandbox; absent where none plays upstreams. */
  readonly sandboxUrl: string | undefined;
  /** Every upstream is on this machine, so that a write may be sent again. */
  readonly isLocal: boolean;
  readonly clock: Clock;
  /** Address of the app: `http://127.0.0.1:4001`. */
  url(): string;
  endpoints(): readonly EndpointState[];
  upstreams(): readonly UpstreamFacts[];
  policy(): readonly PolicyValue[];
  /** The origins of a member; `undefined` where the endpoint has none of that name, or is written by hand. */
  why(method: string, route: string, member: string): readonly WhyMember[] | undefined;
  /** Members of its responses that a contract classifies, with their class; `undefined` where they are not known. */
  classified(method: string, route: string): ReadonlyMap<string, string> | undefined;
}
