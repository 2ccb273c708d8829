import type { CacheConfig } from '@frontage/config';
import { RequestContext, type Executor, type InboundHeaders } from '@frontage/context';
import {
  channels,
  keptTimesOf,
  type Clock,
  type OperationInfo,
  type Outcome,
  type Timer,
  type Warning,
} from '@frontage/core';

/** A response is loaded anew after this share of the time for which it is still fresh. */
const loadedAfter = 0.8;
/** Pauses after a load that failed, in milliseconds: the first, doubled with each, up to the last. */
const [firstPauseMs, lastPauseMs] = [1_000, 30_000];
/** An app that waits for its responses before it is ready does so for that long, in milliseconds. */
const longestWaitMs = 30_000;

/** An operation whose responses are there before anybody asks. */
export interface WarmOperation {
  readonly info: OperationInfo;
  readonly rule: CacheConfig;
  /** Loads the response anew, whether or not one is there. */
  readonly load: Executor;
}

/**
 * The responses of one operation, loaded at the start and again before their time is over: one for each combination of the values in its
 * `vary`, one after the other. Where a load fails, the response that is there stays until its rule ends, and the load is tried again.
 */
export class WarmResponses {
  readonly #operation: WarmOperation;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #requests: readonly InboundHeaders[];
  #startedAt: number | undefined;
  #timer: Timer;
  #failures = 0;
  #isLoaded = false;
  #hasWarned = false;
  #isStopped = false;

  /** @param timeoutMs longest time of one load */
  constructor(operation: WarmOperation, timeoutMs: number, clock: Clock) {
    this.#operation = operation;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#requests = combinationsOf(operation.rule.vary ?? {});
  }

  /** False while the app is to wait for them: not all of them were loaded once, and less than 30 s have passed. */
  get isReady(): boolean {
    if (this.#operation.rule.warm !== 'wait' || this.#isLoaded || this.#startedAt === undefined) return true;
    const isOver = this.#clock.now() - this.#startedAt >= longestWaitMs;
    if (isOver && !this.#hasWarned) {
      this.#hasWarned = true;
      const { contract, id } = this.#operation.info;
      const message = `${contract.upstream}.${id} could not be loaded within ${longestWaitMs / 1_000} s: the app is ready without it`;
      channels.warning.publish({ from: 'caching', message } satisfies Warning);
    }
    return isOver;
  }

  /** Loads for the first time. */
  start(): void {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = this.#clock.now();
    void this.#round();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
  }

  async #round(): Promise<void> {
    // A rule without a time of its own is not warm.
    let nextMs = (this.#operation.rule.ttlMs ?? 0) * loadedAfter;
    let hasFailed = false;
    for (const headers of this.#requests) {
      const outcome = await this.#load(headers);
      if (this.#isStopped) return;
      const kept = outcome?.ok === true ? keptTimesOf(outcome) : undefined;
      // A response that another process has loaded may end earlier.
      if (kept !== undefined) nextMs = Math.min(nextMs, (kept.freshUntil - this.#clock.now()) * loadedAfter);
      hasFailed ||= outcome?.ok !== true;
    }
    this.#isLoaded ||= !hasFailed;
    this.#failures = hasFailed ? this.#failures + 1 : 0;
    const pauseMs = Math.min(lastPauseMs, firstPauseMs * 2 ** (this.#failures - 1));
    this.#timer = this.#clock.setTimer(() => void this.#round(), Math.max(1, hasFailed ? pauseMs : nextMs));
  }

  async #load(headers: InboundHeaders): Promise<Outcome<unknown> | undefined> {
    const now = this.#clock.now();
    const context = new RequestContext('warm', now, 'GET', '', headers);
    const { cancellation } = context;
    try {
      return await this.#operation.load({}, { context, part: '', deadlineAt: now + this.#timeoutMs, cancellation });
    } catch (cause) {
      const message = 'a response could not be loaded ahead';
      channels.warning.publish({ from: 'caching', message, cause } satisfies Warning);
      return undefined;
    }
  }
}

/** Each combination of values, as the headers of a request that asks for it. */
function combinationsOf(vary: Readonly<Record<string, readonly string[]>>): readonly InboundHeaders[] {
  return Object.entries(vary).reduce<readonly InboundHeaders[]>(
    (made, [name, values]) => made.flatMap((headers) => values.map((value) => ({ ...headers, [name]: value }))),
    [{}],
  );
}

/**
 * @throws Error for an operation that cannot be called without inputs
 */
export function checkWarm({ contract, id, parameters = [], body }: OperationInfo): void {
  const needed = parameters.find(({ required }) => required === true);
  const what =
    needed === undefined ? (body?.required === true ? 'a body' : undefined) : `${needed.in} "${needed.name}"`;
  if (what !== undefined)
    throw new Error(
      `${contract.upstream}.${id}: warm is for operations that are called without inputs, and this one needs ${what}; remove it under upstreams.${contract.upstream}.cache`,
    );
}
