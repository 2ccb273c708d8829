import type { CallArgs, Cancellation, Failure, Method, Outcome } from '@frontage/core';
import type { CallRecord, CallScope } from '@frontage/context';
import type { ResponseHead } from '@frontage/caching';
import type { BalancedAddress } from '@frontage/balancing';
import type { Permit } from '@frontage/breaker';
import type { CompiledOperation, GroupedRequest } from './compiled-operation.js';
import { StreamedBody, type EncodedBody } from '../encode/body-content.js';
import type { Watched } from './deadline-watch.js';
import type { Downloading } from './download.js';
import { deadlinePassed, stoppedBy, unsentFailure, type StopReason } from '../failures/failures.js';
import type { Address } from '../policy/address.js';

/** The present wait of a call: for a response, a permit, the end of a pause. */
export interface StoppableWork {
  /** Gives up; the reason stands in `request.stopReason`. */
  stop(): void;
}

const none: readonly string[] = [];
/** Shared, and never added to. */
const noCredentials: string[] = [];

/**
 * One call on its way through the stack. Every stage reads and writes it; attempts follow one another, so that one slot holds what the
 * call waits for, and one timer and one listener can stop it wherever it is.
 */
export class UpstreamRequest implements Watched, GroupedRequest {
  readonly operation: CompiledOperation;
  readonly args: CallArgs;
  readonly scope: CallScope;
  method: Method;
  /** Path and query as the contract has them; the address adds its prefix. */
  target: string;
  body: EncodedBody | undefined;
  /** Headers and cookies that the operation declares: name, value, name, value. */
  readonly declaredHeaders: readonly string[];
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** Monotonic milliseconds: the call's own timeout, independent of the plan's deadline. */
  readonly timeoutAt: number;
  /** Monotonic milliseconds after which the response is not needed. */
  readonly deadlineAt: number;
  /** Set where the body of a success is handed on as it arrives: how long it may be silent, in milliseconds. */
  readonly idleTimeoutMs: number | undefined;
  /** Stops it: the cancellation of the caller, or of a load that several callers share. */
  cancellation: Cancellation;
  address: Address;
  /** The address of another attempt of this call, which a choice among several leaves out. */
  avoided: Address | undefined = undefined;
  /** The choice among several addresses, for the attempt under way, and its time in monotonic milliseconds. */
  place: BalancedAddress<Address> | undefined = undefined;
  placedAt = 0;
  /** Name, value, name, value; of this attempt. */
  headers: string[] = [];
  /** The same headers as lines of HTTP/1.1, where nothing in them can end a line too early; empty where it was not written. */
  headerLines = '';
  /** 1 for the first attempt, 0 before it. */
  attempt = 0;
  /** Of the attempt under way. */
  record: CallRecord | undefined = undefined;
  /** The redirect target in the response; absent without a redirect. */
  location: string | undefined = undefined;
  /** Headers of the upstream's {@link CredentialSource}s: name, value, name, value. Of the call, and of each redirect within its origin. */
  credentials: string[] = noCredentials;
  /** The headers that ask whether a stored response still holds: name, value, name, value; empty for a request without condition. */
  validators: readonly string[] = none;
  /** The head of the last response, where its operation keeps it; absent for one that a redirect led to. */
  head: ResponseHead | undefined = undefined;
  /** Secrets in the query of this attempt, which no log and no cache key has; empty for none. */
  secretQuery = '';
  /** The nonce in the proof of this attempt (RFC 9449 section 9). */
  sentNonce: string | undefined = undefined;
  cacheGroups: readonly string[] = none;
  invalidation: Promise<void> | undefined = undefined;
  /** A redirect led to another origin: what is secret stays here. */
  isElsewhere = false;
  /** A redirect led to where it goes now. */
  isRedirected = false;
  /** The response that is being passed on. */
  download: Downloading | undefined = undefined;
  /** An attempt is on the wire, and some byte of it may have arrived. */
  sent = false;
  /** Bytes of some attempt were handed to a connection: the upstream may have seen it. */
  reached = false;
  /** No caller waits for it any longer, but it is a write and runs on. */
  abandoned = false;
  stopReason: StopReason | undefined = undefined;
  /** A second attempt that runs besides this one, and is stopped with it. */
  #companion: UpstreamRequest | undefined = undefined;
  /** When the attempt under way got its permit, in monotonic milliseconds; written for adaptive limits alone. */
  permittedAt = 0;
  /** Of the circuit, for the attempt under way. */
  permit: Permit | undefined = undefined;
  /** The state of the circuit that gave it; empty without one. */
  circuit: CallRecord['circuit'] = '';
  before: Watched | undefined = undefined;
  after: Watched | undefined = undefined;
  #waitsFor: StoppableWork | undefined = undefined;

  /** @throws EncodeError where the arguments cannot be written */
  constructor(
    operation: CompiledOperation,
    args: CallArgs,
    scope: CallScope,
    startedAt: number,
    timeoutMs: number,
    idleTimeoutMs?: number,
  ) {
    this.operation = operation;
    this.method = operation.info.method;
    this.args = args;
    this.scope = scope;
    this.target = operation.encoder.target(args);
    this.body = operation.encoder.body?.(args.body, args.contentType);
    if (operation.encoder.headers === undefined) this.declaredHeaders = none;
    else {
      const headers: string[] = [];
      operation.encoder.headers(args, headers);
      this.declaredHeaders = headers;
    }
    this.startedAt = startedAt;
    this.timeoutAt = startedAt + timeoutMs;
    this.deadlineAt = Math.min(scope.deadlineAt, this.timeoutAt);
    this.idleTimeoutMs = idleTimeoutMs;
    this.cancellation = scope.cancellation;
    this.address = operation.address;
  }

  /** Path and query as they are sent. */
  get sentTarget(): string {
    if (this.secretQuery === '') return this.target;
    return `${this.target}${this.target.includes('?') ? '&' : '?'}${this.secretQuery}`;
  }

  /** True if the same bytes can be sent once more. */
  get isReplayable(): boolean {
    return !(this.body?.content instanceof StreamedBody) || this.body.content.isReplayable;
  }

  /** From now on `stop` goes to `waiting`; `undefined` when the wait is over. */
  waitFor(waiting: StoppableWork | undefined): void {
    this.#waitsFor = waiting;
  }

  /** Stops the call where it is; the first reason stays. */
  stop(reason: StopReason): void {
    if (this.stopReason !== undefined) return;
    this.stopReason = reason;
    const waiting = this.#waitsFor;
    this.#waitsFor = undefined;
    waiting?.stop();
    this.#companion?.stop(reason);
  }

  /** The same call as a request of its own, for an attempt besides this one. Until `join`, what stops this one stops both. */
  fork(): UpstreamRequest {
    const { operation, args, scope, startedAt } = this;
    const companion = new UpstreamRequest(operation, args, scope, startedAt, this.timeoutAt - startedAt);
    companion.cancellation = this.cancellation;
    companion.attempt = this.attempt;
    companion.credentials = this.credentials;
    companion.validators = this.validators;
    companion.avoided = this.address;
    this.#companion = companion;
    return companion;
  }

  /** One of the two has ended the call: they are stopped apart from now on, and the attempts of both count as those of this one. */
  join(): void {
    if (this.#companion === undefined) return;
    this.attempt = Math.max(this.attempt, this.#companion.attempt);
    this.reached ||= this.#companion.reached;
    // One of the two has the response.
    if (this.#companion.cacheGroups !== none) this.cacheGroups = [...this.cacheGroups, ...this.#companion.cacheGroups];
    this.#companion = undefined;
  }

  /** For the watch: its time is up. */
  expire(): void {
    // A plan counts the timeout of its call from a moment earlier, and hands it over as a deadline: that is still the call's own.
    this.stop(this.timeoutAt <= this.deadlineAt + 1 ? 'own_timeout' : 'deadline');
  }

  /** The outcome of a stopped call. */
  get stopFailure(): Failure {
    const failure = this.stopReason === undefined ? deadlinePassed : stoppedBy(this.stopReason);
    return this.reached ? failure : unsentFailure(failure);
  }
}

/** The rest of the stack behind a stage. Never rejects but for a bug. */
export type Next = (request: UpstreamRequest) => Promise<Outcome<unknown>>;

/**
 * A step of the call stack that only looks at a request on its way in and at its outcome on its way out. Several in a row share one promise.
 */
export interface Gate {
  /** @returns the outcome of a request that goes no further and is not let out again; `undefined` for one that goes on, perhaps later */
  enter(request: UpstreamRequest): Outcome<unknown> | undefined | Promise<Outcome<unknown> | undefined>;
  /** @returns what takes the place of `outcome`; `undefined` where nothing does */
  leave(request: UpstreamRequest, outcome: Outcome<unknown>): Promise<Outcome<unknown>> | undefined;
  /** Gives back what `enter` took, after a bug. */
  abandon(request: UpstreamRequest): void;
}

/** One step of the call stack that is around the rest of it: made at boot for one operation, and absent where policy does not ask for it. */
export type Stage = (next: Next) => Next;
