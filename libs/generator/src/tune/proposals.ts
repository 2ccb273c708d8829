import type { BffConfig, UpstreamConfig } from '@frontage/config';
import type { AppDescription, PartDescription, ScreenDescription } from '../plan/app-description.js';
import { durationText, percent, rounded, roundedDown, spanText } from './value-texts.js';
import type { MeasuredUpstream, Measurement } from './measurement.js';

/** A change of one key of an upstream. */
export interface Proposal {
  readonly upstream: string;
  /** Below the upstream: `['timeout']`, `['cache', 'getProduct', 'ttl']`. */
  readonly path: readonly string[];
  /** As it is written in `bff.yaml`. */
  readonly value: string;
  /** The value in force; absent where there is none. */
  readonly before?: string;
  readonly why: string;
  readonly effect: string;
}

export interface Proposals {
  readonly proposals: readonly Proposal[];
  /** Upstreams of which too little is known, and the like. */
  readonly notes: readonly string[];
}

/** Fewer calls say too little about the slowest one of a hundred. */
const leastCalls = 1_000;
/** Changes by less than this share are not worth a diff. */
const leastChange = 0.25;
/** Above the slowest of a thousand calls, so that a usual bad minute ends no call. */
const headroom = 1.3;
const leastTimeoutMs = 50;
/** The busiest minutes have several times the calls of the mean. */
const peakFactor = 4;
/** Bursts need some places, however few the calls are. */
const leastPlaces = 16;
const mostCalls = 65_536;
/** From this share of timeouts on, the times beyond the timeout are not known. */
const cutShare = 0.01;

/** Proposes policy for each upstream that was measured. Every proposal stays inside the deadlines and budgets of the screens. */
export function proposalsFor(app: AppDescription, config: BffConfig, measured: Measurement): Proposals {
  const proposals: Proposal[] = [];
  const notes: string[] = [];
  const silent: string[] = [];
  for (const [name, upstream] of Object.entries(config.upstreams)) {
    const found = measured.upstreams.get(name);
    const calls = found?.calls ?? 0;
    if (calls === 0) silent.push(name);
    if (found === undefined || calls < leastCalls) {
      if (calls > 0) notes.push(`${name}: ${calls} calls are too few to say anything; ${leastCalls} are needed`);
      continue;
    }
    const room = roomOf(name, app, config, measured);
    const cut = cutNote(name, upstream, found, room);
    if (cut !== undefined) notes.push(cut);
    const timeout = timeoutFor(name, upstream, found, room);
    const hedge = hedgeFor(name, upstream, found);
    const places = concurrencyFor(name, upstream, found, measured);
    proposals.push(...[timeout, hedge, places].filter((one) => one !== undefined));
    proposals.push(...cachesFor(name, upstream, found));
  }
  if (silent.length > 0) notes.push(`no calls were measured of ${silent.join(', ')}`);
  return { proposals, notes };
}

interface Room {
  /** False where every call has a timeout of its own in its plan. */
  readonly isUsed: boolean;
  /** The longest timeout that makes sense, in ms. */
  readonly ms: number;
  readonly because: string;
}

/** The time that screens leave for a call to an upstream: the smallest of them. */
function roomOf(name: string, app: AppDescription, config: BffConfig, measured: Measurement): Room {
  let isUsed = false;
  let room = { ms: config.deadlineMs - config.reserveMs, because: 'the deadline of every request' };
  const narrow = (ms: number, because: string): void => {
    if (ms < room.ms) room = { ms, because };
  };
  for (const { screen } of app.endpoints) {
    if (screen === undefined) continue;
    const parts = Object.entries(screen.parts).filter(
      ([, part]) => part.upstream === name && part.timeoutMs === undefined,
    );
    if (parts.length === 0) continue;
    isUsed = true;
    const deadlineMs = Math.min(screen.deadlineMs, config.plans[screen.name]?.deadlineMs ?? Infinity);
    const budgetMs = config.budgets.screens[screen.name]?.criticalPathMs ?? config.budgets.criticalPathMs ?? Infinity;
    for (const [part, description] of parts) {
      const waitedMs = waitOf(screen, description, measured, new Set([part]));
      narrow(deadlineMs - config.reserveMs - waitedMs, `the deadline of ${screen.name}`);
      narrow(budgetMs - waitedMs, `the budget of ${screen.name}`);
    }
  }
  return { isUsed, ms: Math.floor(room.ms), because: room.because };
}

/** The usual time until a part can begin: half of the calls that it waits for have ended by then. */
function waitOf(
  screen: ScreenDescription,
  part: PartDescription,
  measured: Measurement,
  seen: ReadonlySet<string>,
): number {
  const before = [...part.after, ...part.reads].filter((name) => !seen.has(name) && Object.hasOwn(screen.parts, name));
  const waits = before.map((name) => {
    const one = screen.parts[name];
    if (one === undefined) return 0;
    const own =
      measured.upstreams
        .get(one.upstream ?? '')
        ?.operations.get(one.operation ?? '')
        ?.ok.quantileMs(0.5) ?? 0;
    return own + waitOf(screen, one, measured, new Set([...seen, name]));
  });
  return Math.max(0, ...waits);
}

function timeoutFor(
  name: string,
  { timeoutMs }: UpstreamConfig,
  found: MeasuredUpstream,
  room: Room,
): Proposal | undefined {
  if (!room.isUsed) return undefined;
  const { slowest, timeouts, calls } = found;
  const share = timeouts / calls;
  const before = durationText(timeoutMs);
  const propose = (ms: number, why: string, effect: string): Proposal | undefined =>
    Math.abs(ms - timeoutMs) / timeoutMs < leastChange
      ? undefined
      : { upstream: name, path: ['timeout'], value: durationText(ms), before, why, effect };
  if (share >= cutShare) {
    const ms = Math.min(rounded(timeoutMs * 1.5), roundedDown(room.ms));
    if (ms <= timeoutMs) return undefined;
    return propose(
      ms,
      `${percent(share)} of ${calls} calls end in the timeout: the times beyond it are not known`,
      `fewer parts are missing; a page waits up to ${ms - timeoutMs} ms longer for them, inside ${room.because}`,
    );
  }
  const longest = slowest.ok.quantileMs(0.999);
  if (!Number.isFinite(longest)) return undefined;
  const ms = Math.min(Math.max(leastTimeoutMs, rounded(longest * headroom)), roundedDown(room.ms));
  if (ms >= timeoutMs || ms < 1) return undefined;
  return propose(
    ms,
    `999 of 1000 calls of ${slowest.id}, the slowest operation, end within ${Math.ceil(longest)} ms`,
    `a call that hangs costs its page ${ms} ms, not ${timeoutMs} ms; ${percent(1 - slowest.ok.shareWithin(ms))} of the good calls were slower`,
  );
}

/** Too little time for the calls, and none left to give. */
function cutNote(name: string, { timeoutMs }: UpstreamConfig, found: MeasuredUpstream, room: Room): string | undefined {
  const share = found.timeouts / found.calls;
  if (share < cutShare) return undefined;
  const cut = `${name}: ${percent(share)} of ${found.calls} calls end in`;
  if (!room.isUsed) return `${cut} the timeouts that plans give to their parts: look at these`;
  if (roundedDown(room.ms) > timeoutMs) return undefined;
  return `${cut} the timeout of ${durationText(timeoutMs)}, and ${room.because} leaves no more time: give the screen more, or the part a fallback`;
}

/** A second attempt pays where few calls are much slower than the others, and the service has room. */
function hedgeFor(name: string, { hedge, timeoutMs }: UpstreamConfig, found: MeasuredUpstream): Proposal | undefined {
  const { slowest, shed, calls } = found;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => slowest.ok.quantileMs(share)) as [number, number, number];
  const isLong = Number.isFinite(p99) && p99 >= 3 * p95 && p99 >= 50;
  if (!isLong || shed > 0 || slowest.isWrite || found.timeouts / calls >= cutShare || p95 * 2 > timeoutMs)
    return undefined;
  const ms = Math.max(5, Math.ceil(p95 / 5) * 5);
  const present = hedge?.afterMs;
  if (hedge?.quantile !== undefined || (present !== undefined && Math.abs(present - ms) / present < leastChange))
    return undefined;
  return {
    upstream: name,
    path: ['hedge', 'after'],
    value: durationText(ms),
    ...(present !== undefined && { before: durationText(present) }),
    why: `${slowest.id} has a long tail: 50 of 100 calls end within ${Math.ceil(p50)} ms, 95 within ${Math.ceil(p95)} ms, 99 within ${Math.ceil(p99)} ms`,
    effect: `99 of 100 calls end within about ${Math.ceil(ms + p95)} ms, for up to 5% more calls`,
  };
}

/** Refused calls say that the limit is too low. That it is too high follows from Little's law: calls at once are calls per second times their time. */
function concurrencyFor(
  name: string,
  { concurrency }: UpstreamConfig,
  { calls, shed, slowest, busyMs }: MeasuredUpstream,
  { seconds }: Measurement,
): Proposal | undefined {
  if (typeof concurrency === 'object') return undefined;
  const path = ['concurrency'];
  if (shed > 0 && concurrency !== undefined)
    return {
      upstream: name,
      path,
      value: String(Math.min(mostCalls, concurrency * 2)),
      before: String(concurrency),
      why: `${shed} calls were not sent because ${concurrency} are allowed at once`,
      effect: 'these calls are sent; ask the team of the service whether it bears them',
    };
  // Of fewer calls the busiest moments are not known.
  if (seconds === undefined || calls / seconds < 1) return undefined;
  const slowMs = slowest.ok.quantileMs(0.99);
  const peak = (calls / seconds) * peakFactor * ((Number.isFinite(slowMs) ? slowMs : 1_000) / 1_000);
  const needed = Math.min(mostCalls, 2 ** Math.ceil(Math.log2(Math.max(leastPlaces, 2 * peak))));
  if (concurrency !== undefined && concurrency < needed * 4) return undefined;
  return {
    upstream: name,
    path,
    value: String(needed),
    ...(concurrency !== undefined && { before: String(concurrency) }),
    why: `${calls} calls in ${spanText(seconds)} are ${(busyMs / 1000 / seconds).toFixed(1)} at once on average, and ${Math.ceil(peak)} where there are ${peakFactor} times as many and all are slow`,
    effect: `a service that hangs holds ${needed} calls of a process, not ${concurrency ?? 'all of them'}`,
  };
}

/** With calls at random, the share of hits follows from the time that a response is kept. */
function cachesFor(name: string, { cache }: UpstreamConfig, { operations }: MeasuredUpstream): readonly Proposal[] {
  return Object.entries(cache).flatMap(([id, { ttlMs }]): readonly Proposal[] => {
    // The time of a response that says it itself is not ours to change.
    if (ttlMs === undefined) return [];
    const { hits = 0, lookups = 0 } = operations.get(id)?.cache ?? {};
    const share = lookups === 0 ? 0 : hits / lookups;
    if (lookups < leastCalls || share < 0.2 || share > 0.8 || ttlMs > 1_800_000) return [];
    const perTtl = share / (1 - share);
    const after = (2 * perTtl) / (1 + 2 * perTtl);
    return [
      {
        upstream: name,
        path: ['cache', id, 'ttl'],
        value: durationText(ttlMs * 2),
        before: durationText(ttlMs),
        why: `${percent(share)} of ${lookups} lookups of ${id} were hits`,
        effect: `about ${percent(after)} would be: ${percent((after - share) / (1 - share))} fewer calls, for responses that are up to ${durationText(ttlMs * 2)} old, if that is new enough`,
      },
    ];
  });
}
