import type { Spread, Verdict } from '../statistics.js';
import type { Bytes } from './upstreams.js';

/** One server under one setting. Ratios are to the first server, which is bare where it runs, in the same round. */
export interface ServerResult {
  readonly name: string;
  /** Of requests/s. */
  readonly ratio: Spread;
  /** Requests/s over those of Nest on axios; absent where that did not run. */
  readonly toNest?: Spread;
  /** Against the same server of the commit that is compared with. */
  readonly toTheirs?: ToTheirs;
  /** CPU time per request of the first server over that of this one. */
  readonly cpuRatio: Spread;
  readonly rps: Spread;
  readonly cpuUs: Spread;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Requests in all rounds that got no success: its figures say nothing then. */
  readonly failed: number;
  readonly rssBytes: number;
  /** Requests to the upstreams per request; absent where nothing counts them. */
  readonly upstreamRequests?: number;
  /** Per request, on the JavaScript heap; absent for a process that cannot be asked. */
  readonly allocatedBytes?: number;
  /** Collecting garbage, per request. */
  readonly gcUs?: number;
  /** p99 at half of the peak of bare, over that of bare. */
  readonly tail?: Tail;
  /** The same at half of its own peak, over that of bare at half of its own. */
  readonly ownTail?: Tail;
  /** Reuses by name, as `/metrics` counts them. */
  readonly reuses: readonly Reuse[];
}

export interface ToTheirs {
  /** Of requests/s, ours over theirs. */
  readonly ratio: Spread;
  /** Of the CPU time per request, ours over theirs: the median, and where it lies 95 times of 100. */
  readonly cpu: Spread;
  readonly verdict: Verdict;
}

export interface Tail {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly ratio: Spread;
  /** Of the generator. */
  readonly latenessP99Ms: number;
  /** Some rounds are not to be believed: the generator was late, or responses were still missing at the end. */
  readonly doubt?: string;
}

export interface Reuse {
  readonly name: string;
  /** `hit`, `miss`, `decline`, and how often. */
  readonly results: Readonly<Record<string, number>>;
}

export interface SettingResult {
  readonly scenario: string;
  readonly calls: number;
  readonly bytes: Bytes;
  readonly latencyMs: number;
  readonly servers: readonly ServerResult[];
}
