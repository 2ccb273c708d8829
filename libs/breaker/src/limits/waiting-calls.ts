import { maxRank } from './priority.js';

/** A call that waits, in the list of its rank. */
export interface WaitingCall {
  /** 0 to 23, higher first. */
  readonly rank: number;
  readonly caller: string;
  before: WaitingCall | undefined;
  after: WaitingCall | undefined;
}

interface List {
  first: WaitingCall | undefined;
  last: WaitingCall | undefined;
}

/** Calls of one rank that are compared by their callers: a choice among more costs time that an overloaded process does not have. */
const MAX_COMPARED = 32;

/**
 * Waiting calls by rank, and in each rank in order of arrival. Putting in and taking out take constant time; the ranks that have calls are the bits
 * of a number.
 */
export class WaitingCalls<Call extends WaitingCall> {
  readonly #lists: List[] = Array.from({ length: maxRank + 1 }, () => ({ first: undefined, last: undefined }));
  #ranks = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(call: Call): void {
    const list = this.#listOf(call.rank);
    call.before = list.last;
    call.after = undefined;
    if (list.last === undefined) list.first = call;
    else list.last.after = call;
    list.last = call;
    this.#ranks |= 1 << call.rank;
    this.#size++;
  }

  remove(call: Call): void {
    const list = this.#listOf(call.rank);
    if (call.before === undefined) list.first = call.after;
    else call.before.after = call.after;
    if (call.after === undefined) list.last = call.before;
    else call.after.before = call.before;
    call.before = call.after = undefined;
    if (list.first === undefined) this.#ranks &= ~(1 << call.rank);
    this.#size--;
  }

  /** Of the highest rank, the first of those whose caller has the least usage. */
  next(usageOf: (caller: string) => number): Call | undefined {
    if (this.#ranks === 0) return undefined;
    const first = this.#listOf(31 - Math.clz32(this.#ranks)).first;
    return this.#least(first, (call) => call.after, usageOf);
  }

  /** Of the lowest rank, the last of those whose caller has the most usage. */
  worst(usageOf: (caller: string) => number): Call | undefined {
    if (this.#ranks === 0) return undefined;
    const last = this.#listOf(31 - Math.clz32(this.#ranks & -this.#ranks)).last;
    return this.#least(
      last,
      (call) => call.before,
      (caller) => -usageOf(caller),
    );
  }

  /** The first of the lowest cost, in the order of `following`. */
  #least(
    start: WaitingCall | undefined,
    following: (call: WaitingCall) => WaitingCall | undefined,
    costOf: (caller: string) => number,
  ): Call | undefined {
    let best = start;
    let next = start && following(start);
    // With one call nothing is compared.
    let cost = best === undefined || next === undefined ? 0 : costOf(best.caller);
    for (let count = 1; next !== undefined && count < MAX_COMPARED; count++) {
      const other = next.caller === best?.caller ? cost : costOf(next.caller);
      if (other < cost) [best, cost] = [next, other];
      next = following(next);
    }
    // The list holds only calls that `push` has put in.
    return best as Call | undefined;
  }

  #listOf(rank: number): List {
    const list = this.#lists[rank];
    if (list === undefined) throw new RangeError(`a rank is a whole number from 0 to ${maxRank}, not ${rank}`);
    return list;
  }
}
