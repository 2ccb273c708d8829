import type { ReadinessPeers, ReadinessReport } from '@frontage/admin';
import type { BffConfig, BreakerConfig } from '@frontage/config';
import type { Clock } from '@frontage/core';
import { WarmResponses } from '../outbound/warm-responses.js';
import type { UpstreamRegistry } from '../outbound/upstream-registry.js';
import { RequiredUpstream } from './required-upstream.js';

/** A peak is no reason to send requests elsewhere: for how long every question has to find this app at its limit, in milliseconds. */
const overloadedAfterMs = 10_000;

export interface ReadinessParts {
  readonly config: BffConfig;
  readonly clock: Clock;
  readonly upstreams: UpstreamRegistry;
  /** Requests that are worked on. */
  readonly inFlight: () => number;
  isDraining(): boolean;
}

/** A breaker that never opens says nothing about an upstream that cannot be reached: it is probed all the time then. */
const openForOf = (breaker: BreakerConfig | undefined): number | undefined =>
  breaker?.mode === 'enforce' ? breaker.openForMs : undefined;

/**
 * Decides whether the app is ready for new requests, for the public port, the admin port, and the primary of several
 * processes. It considers the state of this process, and upstreams only if policy says `required`: for a fault that all processes share,
 * taking one out of service does not help.
 */
export class Readiness {
  readonly #parts: ReadinessParts;
  #required: readonly RequiredUpstream[] | undefined;
  #warm: readonly WarmResponses[] = [];
  #peers: ReadinessPeers | undefined;
  #atLimitSince: number | undefined;

  constructor(parts: ReadinessParts) {
    this.#parts = parts;
  }

  /** From now on this process reports for all that serve together. */
  shareWith(peers: ReadinessPeers): void {
    this.#peers = peers;
  }

  /** Asks the required upstreams for the first time. Called once the app listens; before that, nothing is sent. */
  start(): void {
    if (this.#required !== undefined) return;
    const { config, clock, upstreams } = this.#parts;
    this.#required = upstreams.used().flatMap((upstream) => {
      const policy = config.upstreams[upstream.name];
      if (policy?.required !== true) return [];
      return new RequiredUpstream(
        upstream,
        { healthPath: policy.healthPath, openForMs: openForOf(policy.breaker) },
        clock,
      );
    });
    for (const upstream of this.#required) upstream.start();
    this.#warm = upstreams.warm().map((operation) => new WarmResponses(operation, config.deadlineMs, clock));
    for (const responses of this.#warm) responses.start();
  }

  stop(): void {
    for (const started of [...(this.#required ?? []), ...this.#warm]) started.stop();
  }

  /** @param asking requests among those worked on that are this question */
  async isReady(asking: number): Promise<boolean> {
    const own = async (): Promise<boolean> => (await this.report(asking)).status === 'ok';
    return (await this.#peers?.areReady()) ?? own();
  }

  /** Of this process alone, with the reasons: names of upstreams are for operators. */
  async report(asking: number): Promise<ReadinessReport> {
    this.start();
    const draining = this.#parts.isDraining();
    const overloaded = this.#isOverloaded(asking);
    const entries = (this.#required ?? []).map(
      async (upstream) => [upstream.name, (await upstream.isThere()) ? 'up' : 'down'] as const,
    );
    const upstreams = Object.fromEntries(await Promise.all(entries));
    const warming = this.#warm.some(({ isReady }) => !isReady);
    const isReady = !draining && !overloaded && !warming && Object.values(upstreams).every((state) => state === 'up');
    return { status: isReady ? 'ok' : 'error', draining, overloaded, ...(warming && { warming }), upstreams };
  }

  #isOverloaded(asking: number): boolean {
    const { config, clock, inFlight } = this.#parts;
    const { maxInFlight } = config.limits;
    if (maxInFlight === undefined || inFlight() - asking < maxInFlight) {
      this.#atLimitSince = undefined;
      return false;
    }
    this.#atLimitSince ??= clock.now();
    return clock.now() - this.#atLimitSince >= overloadedAfterMs;
  }
}
