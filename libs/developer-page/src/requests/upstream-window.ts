import type { CallRecord } from '@frontage/context';
import type { UpstreamState } from '../model/state.js';

/** The time that the figures are about, in milliseconds. */
const windowMs = 60_000;
/** Attempts that are kept for each upstream. */
const maxAttempts = 1_000;
/** Attempts that are shown one by one. */
const shown = 40;

interface Attempt {
  readonly endedAt: number;
  readonly ms: number;
  readonly isOk: boolean;
}

type Figures = Pick<UpstreamState, 'calls' | 'failures' | 'p50Ms' | 'p95Ms' | 'recent'>;

/** The attempts towards each upstream in the last minute. */
export class UpstreamWindow {
  readonly #names: ReadonlySet<string>;
  readonly #attempts = new Map<string, Attempt[]>();

  /** @param names of the upstreams of the app: others have no figures */
  constructor(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  add({ upstream, startedAt, endedAt, outcome }: CallRecord): void {
    // An attempt that nothing waited for any more says nothing of the service.
    if (!this.#names.has(upstream) || outcome === 'cancelled' || outcome === 'pending') return;
    const attempts = this.#attempts.get(upstream) ?? [];
    attempts.push({ endedAt, ms: Math.round((endedAt - startedAt) * 10) / 10, isOk: outcome === 'ok' });
    if (attempts.length > maxAttempts) attempts.splice(0, attempts.length - maxAttempts);
    this.#attempts.set(upstream, attempts);
  }

  /** @param now monotonic milliseconds */
  figures(upstream: string, now: number): Figures {
    const attempts = (this.#attempts.get(upstream) ?? []).filter(({ endedAt }) => endedAt > now - windowMs);
    const sorted = attempts.map(({ ms }) => ms).toSorted((one, other) => one - other);
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
    return {
      calls: attempts.length,
      failures: attempts.filter(({ isOk }) => !isOk).length,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      recent: attempts.slice(-shown).map(({ ms, isOk }) => ({ ms, isOk })),
    };
  }
}
