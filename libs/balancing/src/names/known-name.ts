import type { LookupAddress } from 'node:dns';
import type { Clock, NameWatcher, Timer } from '@frontage/core';
import { addressOf } from './address-list.js';
import { noSuchName, notTold, type NameError } from './name-error.js';

/** The outcome of a question for a name. */
export type Resolution =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[]; readonly ttlMs: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly detail: string };

export interface KnownNameOptions {
  readonly clock: Clock;
  readonly minTtlMs: number;
  readonly maxTtlMs: number;
  readonly negativeTtlMs: number;
  readonly staleForMs: number;
  /** Never rejects. */
  resolve(name: string): Promise<Resolution>;
  /** Called when the name servers begin to fail for this name, and when they answer again. */
  changed(name: string, detail: string | undefined): void;
}

/** An address of the last answers. */
interface Seen {
  /** Time of the last answer with the address. */
  at: number;
  /** Tells whether the last answer had the address. */
  isHere: boolean;
  /** The watchers were told that the address has left. */
  hasLeft: boolean;
}

/** Time to wait for a new answer before an old one is used, in milliseconds, if the last question was answered. */
const patienceMs = 100;
const firstRetryMs = 1_000;
const longestRetryMs = 10_000;
/** An address that came back this often within the time below belongs to a list of which each answer has another part. */
const rotationReturns = 3;
const rotationWindowMs = 600_000;
/** Time of absence after which such an address has left, in milliseconds. */
const rotationAbsenceMs = 60_000;
const maxSeen = 256;

/** One name: its addresses, the time that they are valid, the watchers, and the one question that may be under way. */
export class KnownName {
  readonly #name: string;
  readonly #options: KnownNameOptions;
  readonly #watchers = new Set<NameWatcher>();
  readonly #seen = new Map<string, Seen>();
  #addresses: readonly LookupAddress[] = [];
  #goodUntil = Number.NEGATIVE_INFINITY;
  #staleUntil = Number.NEGATIVE_INFINITY;
  /** The error of the last question, and the time until which it is not asked again. */
  #refusal: NameError | undefined = undefined;
  #refusalUntil = Number.NEGATIVE_INFINITY;
  #failuresInRow = 0;
  #returns: number[] = [];
  #question: Promise<void> | undefined = undefined;
  #timer: Timer = undefined;
  #isClosed = false;
  turn = 0;

  constructor(name: string, options: KnownNameOptions) {
    this.#name = name;
    this.#options = options;
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  /** @throws NameError at once, or by the promise. The promise settles within the time of one question. */
  addresses(): readonly LookupAddress[] | Promise<readonly LookupAddress[]> {
    const { clock } = this.#options;
    const now = clock.now();
    if (now < this.#goodUntil) return this.#addresses;
    const stale = this.#isStaleUsable(now);
    if (now < this.#refusalUntil) {
      if (stale) return this.#addresses;
      throw this.#refusal ?? noSuchName(this.#name);
    }
    const question = this.#ask();
    if (!stale) return question.then(() => this.#answered());
    // The last question failed: the known addresses are used while the next question is under way.
    if (this.#failuresInRow > 0) return this.#addresses;
    return this.#patient(question);
  }

  watch(watcher: NameWatcher): () => void {
    this.#watchers.add(watcher);
    this.#schedule();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#options.clock.clearTimer(this.#timer);
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#watchers.clear();
    this.#options.clock.clearTimer(this.#timer);
  }

  #answered(): readonly LookupAddress[] {
    if (this.#refusal === undefined || this.#isStaleUsable(this.#options.clock.now())) return this.#addresses;
    throw this.#refusal;
  }

  /** An answer without addresses replaces the known addresses. A failure does not. */
  #isStaleUsable(now: number): boolean {
    return this.#addresses.length > 0 && now < this.#staleUntil && this.#refusal?.code !== 'ENOTFOUND';
  }

  #patient(question: Promise<void>): Promise<readonly LookupAddress[]> {
    const { clock } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(() => resolve(this.#addresses), patienceMs);
      void question.then(() => {
        clock.clearTimer(timer);
        try {
          resolve(this.#answered());
        } catch (refused) {
          reject(refused);
        }
      });
    });
  }

  #ask(): Promise<void> {
    this.#question ??= this.#options.resolve(this.#name).then((resolution) => {
      this.#question = undefined;
      if (this.#isClosed) return;
      this.#take(resolution);
      this.#schedule();
    });
    return this.#question;
  }

  #take(resolution: Resolution): void {
    const { clock, minTtlMs, maxTtlMs, negativeTtlMs, staleForMs } = this.#options;
    const now = clock.now();
    if (resolution.kind === 'addresses') {
      this.#refusal = undefined;
      this.#refusalUntil = Number.NEGATIVE_INFINITY;
      if (this.#failuresInRow > 0) this.#options.changed(this.#name, undefined);
      this.#failuresInRow = 0;
      this.#goodUntil = now + Math.min(maxTtlMs, Math.max(minTtlMs, resolution.ttlMs));
      this.#staleUntil = this.#goodUntil + staleForMs;
      this.#replace(resolution.addresses, now);
      return;
    }
    if (resolution.kind === 'none') {
      if (this.#failuresInRow > 0) this.#options.changed(this.#name, undefined);
      this.#failuresInRow = 0;
      this.#refusal = noSuchName(this.#name);
      this.#refusalUntil = now + negativeTtlMs;
      return;
    }
    if (this.#failuresInRow === 0) this.#options.changed(this.#name, resolution.detail);
    this.#refusal = notTold(this.#name, resolution.detail);
    this.#refusalUntil = now + Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failuresInRow, 10));
    this.#failuresInRow++;
  }

  #replace(addresses: readonly string[], now: number): void {
    const hadSome = this.#addresses.length > 0;
    const current = new Set(addresses);
    this.#addresses = addresses.map(addressOf);
    for (const address of addresses) {
      const before = this.#seen.get(address);
      if (hadSome && before?.isHere === false) this.#returns.push(now);
      this.#seen.delete(address);
      this.#seen.set(address, { at: now, isHere: true, hasLeft: false });
    }
    this.#returns = this.#returns.filter((at) => now - at < rotationWindowMs).slice(-rotationReturns);
    const absenceMs = this.#returns.length === rotationReturns ? rotationAbsenceMs : 0;
    let haveLeft = false;
    for (const [address, seen] of this.#seen) {
      if (current.has(address)) continue;
      seen.isHere = false;
      if (seen.hasLeft || now - seen.at < absenceMs) continue;
      seen.hasLeft = true;
      haveLeft = true;
    }
    if (haveLeft) {
      const kept = new Set([...this.#seen].flatMap(([address, { hasLeft }]) => (hasLeft ? [] : address)));
      for (const watcher of this.#watchers) watcher.changed(kept);
    }
    for (const [address, { at, hasLeft }] of this.#seen) {
      if (hasLeft && (now - at >= rotationWindowMs || this.#seen.size > maxSeen)) this.#seen.delete(address);
    }
  }

  /** While connections are open, the question is asked again when its answer expires, so that a change is noticed without a new connection. */
  #schedule(): void {
    const { clock } = this.#options;
    clock.clearTimer(this.#timer);
    if (this.#watchers.size === 0 || this.#isClosed) return;
    const now = clock.now();
    const at = Math.max(this.#goodUntil, this.#refusalUntil);
    if (at === Number.NEGATIVE_INFINITY) return;
    this.#timer = clock.setTimer(
      () => {
        if ([...this.#watchers].some((watcher) => watcher.isUsed())) void this.#ask();
      },
      Math.max(1, at - now),
    );
  }
}
