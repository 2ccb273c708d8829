import type { Clock } from '@frontage/core';
import { LRUCache } from 'lru-cache';
import { DistinctCount } from './distinct-count.js';
import { calm, type Observation, type SignalStore, type Standing } from './signal-rule.js';

/** Two halves of a window. */
interface Watched {
  half: number;
  all: number;
  bad: number;
  allBefore: number;
  badBefore: number;
  /** Of `distinct`. */
  members: DistinctCount | undefined;
  membersBefore: DistinctCount | undefined;
  raisedAt: number;
  until: number;
}

/** Observations of this process. The number of keys is bounded: beyond it, those that were seen longest ago are forgotten. */
export class MemorySignals implements SignalStore {
  readonly #clock: Clock;
  readonly #watched: LRUCache<string, Watched>;
  /** By key, the time until which a step counts as taken. */
  readonly #marks: LRUCache<string, number>;

  /** @param maxKeys 1 or more, up to about 900 bytes each */
  constructor(clock: Clock, maxKeys = 10_000) {
    this.#clock = clock;
    this.#watched = new LRUCache({ max: maxKeys });
    this.#marks = new LRUCache({ max: maxKeys });
  }

  get size(): number {
    return this.#watched.size + this.#marks.size;
  }

  observe(observations: readonly Observation[]): readonly Standing[] {
    const now = this.#clock.now();
    return observations.map((observation) => this.#observe(observation, now));
  }

  #observe(observation: Observation, now: number): Standing {
    const { key, kind, windowMs, threshold, share, value, forMs } = observation;
    if (kind === 'mark') {
      this.#marks.set(key, now + value);
      return calm;
    }
    const watched = this.#at(key, Math.floor(now / (windowMs / 2)));
    if (kind === 'share') {
      watched.all++;
      watched.bad += value;
    } else if (kind === 'distinct') (watched.members ??= new DistinctCount()).add(value);
    else if ((this.#marks.get(key) ?? now) <= now) watched.all++;
    const isNew = watched.until <= now && isBeyond(kind, watched, threshold, share);
    if (isNew) {
      watched.raisedAt = now;
      watched.until = now + forMs;
    }
    return watched.until > now ? { leftMs: watched.until - now, agoMs: now - watched.raisedAt, isNew } : calm;
  }

  /** The record of a key, with the halves of its window as they are now. */
  #at(key: string, half: number): Watched {
    const known = this.#watched.get(key);
    if (known === undefined) {
      const fresh: Watched = {
        half,
        all: 0,
        bad: 0,
        allBefore: 0,
        badBefore: 0,
        members: undefined,
        membersBefore: undefined,
        raisedAt: 0,
        until: Number.NEGATIVE_INFINITY,
      };
      this.#watched.set(key, fresh);
      return fresh;
    }
    if (known.half === half) return known;
    const isNext = known.half === half - 1;
    known.allBefore = isNext ? known.all : 0;
    known.badBefore = isNext ? known.bad : 0;
    known.membersBefore = isNext ? known.members : undefined;
    known.all = 0;
    known.bad = 0;
    known.members = undefined;
    known.half = half;
    return known;
  }
}

function isBeyond(kind: Observation['kind'], watched: Watched, threshold: number, share: number): boolean {
  const all = watched.all + watched.allBefore;
  if (kind === 'share') return all >= threshold && watched.bad + watched.badBefore >= share * all;
  if (kind === 'jump') return all > threshold;
  return watched.members !== undefined && DistinctCount.union(watched.members, watched.membersBefore) > threshold;
}
