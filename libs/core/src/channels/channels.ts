import { channel } from 'node:diagnostics_channel';

/**
 * The channels on which the libs publish; tracing subscribes. Publish only behind `hasSubscribers`: without a subscriber, an event costs one read.
 * A lib never logs on its own.
 */
export const channels = {
  /** {@link RequestEnded}: one per inbound request, after the response has been handed to the socket. */
  requestEnded: channel('frontage.request.ended'),
  /** {@link CallEnded}: one per attempt on the wire towards an upstream. */
  callEnded: channel('frontage.call.ended'),
  /** {@link CallHedged}: a call with two attempts at once has its response. */
  callHedged: channel('frontage.call.hedged'),
  /** {@link CallShed}: a call was not sent, because too many calls wait. */
  callShed: channel('frontage.call.shed'),
  /** {@link BreakerChanged}: a circuit breaker changed its state. */
  breakerChanged: channel('frontage.breaker.changed'),
  /** {@link AddressOut}: an address of an upstream gets no calls from now on. */
  addressOut: channel('frontage.address.out'),
  /** {@link BusinessEvent}: a successful response of a screen that counts as an event. */
  businessEvent: channel('frontage.business.event'),
  /** {@link CacheUsed}: a lookup in the operation cache. */
  cacheUsed: channel('frontage.cache.used'),
  /** {@link ScreenReused}: a screen was answered without its view, or with less than all of it. */
  screenReused: channel('frontage.screen.reused'),
  /** {@link ContractBroken}: a contract violation in a response. */
  contractBroken: channel('frontage.contract.broken'),
  /** {@link LenientSuccess}: a success that departs from its contract in a way that policy accepts. */
  lenientSuccess: channel('frontage.upstream.lenient'),
  /** {@link UnaskedBytes}: an upstream sent bytes that no request had asked for. */
  unaskedBytes: channel('frontage.upstream.unasked_bytes'),
  /** {@link UnhandledRejection}: a promise was rejected that nothing waited for. */
  unhandledRejection: channel('frontage.rejection.unhandled'),
  /** {@link SecurityDecision}: a login, a logout, something that an operator has changed. Refused requests are told by {@link RequestEnded}. */
  securityDecision: channel('frontage.security.decision'),
  /** {@link SignalRaised}: a client behaves in a way that policy watches for. */
  signalRaised: channel('frontage.signal.raised'),
  /** {@link Warning}: something the operator should see that ends no request (a store that is down, a metric that overflowed). */
  warning: channel('frontage.warning'),
} as const;

export interface BreakerChanged {
  readonly upstream: string;
  /** The operation that it guards; absent where it guards the upstream as a whole. */
  readonly operation?: string | undefined;
  readonly state: 'closed' | 'open' | 'half_open';
}

export interface AddressOut {
  readonly upstream: string;
  /** `http://10.0.0.7:8080` */
  readonly address: string;
  /** Failures in a row, fewer successes than the others, or health checks. */
  readonly reason: 'failures' | 'success_rate' | 'health_check';
}

export interface CallShed {
  readonly upstream: string;
  readonly operation: string;
  readonly need: 'write' | 'required' | 'optional';
}

export interface CallHedged {
  readonly upstream: string;
  readonly operation: string;
  /** `won`: the response of the second attempt was taken. */
  readonly result: 'won' | 'lost';
}

export interface BusinessEvent {
  /** As a screen declares it: `order.placed`. */
  readonly event: string;
  /** `partial`: parts of the response are missing. */
  readonly response: 'complete' | 'partial';
}

export interface CacheUsed {
  readonly upstream: string;
  readonly operation: string;
  /**
   * `stale`: a response whose time is over; `refresh`: a load in the background begins; `negative`: it is known that there is nothing;
   * `revalidated`: the upstream said that the stored response still holds.
   */
  readonly result: 'hit' | 'stale' | 'miss' | 'refresh' | 'coalesced' | 'negative' | 'revalidated' | 'error';
}

export interface ScreenReused {
  /** The plan of the screen. */
  readonly screen: string;
  /** `hit`: the whole response was kept; `not_modified`: 304; `delta`: the members that had changed. */
  readonly result: 'hit' | 'not_modified' | 'delta';
}

export interface ContractBroken {
  readonly upstream: string;
  readonly operation: string;
  /** Of JSON Schema: `required`, `type`. */
  readonly keyword: string;
  /** JSON Pointer into the response; for logs, it is not bounded as a label. */
  readonly pointer: string;
}

export interface LenientSuccess {
  readonly upstream: string;
  readonly operation: string;
  /** As policy names it under `lenient`. */
  readonly kind: 'empty' | 'status' | 'contentType';
}

export interface UnaskedBytes {
  readonly upstream: string;
  /** Of the address: `http://10.0.0.7:8080`. */
  readonly origin: string;
}

export interface UnhandledRejection {
  /** Anything: a promise can be rejected with any value. */
  readonly reason: unknown;
}

export interface SecurityDecision {
  /** `session.login` */
  readonly event: string;
  /** The caller whom it concerns; absent where nobody is known. */
  readonly subject?: string | undefined;
  /** The object of it: an upstream and a state, a credential by its id. */
  readonly what?: string | undefined;
  readonly why?: string | undefined;
  /** The raw request that led to it. */
  readonly request?: object | undefined;
}

export interface SignalRaised {
  /** The name of the rule in policy. */
  readonly signal: string;
  /** The kind of client that it is about. */
  readonly of: 'address' | 'user';
  /** The consequence for the client. */
  readonly action: 'report' | 'slow' | 'stepUp' | 'block';
  /** Of the request that raised it. */
  readonly requestId: string;
  /** A pseudonym of the client under this rule: twelve hex digits. */
  readonly client: string;
}

export interface Warning {
  readonly from: string;
  readonly message: string;
  readonly cause?: unknown;
}
