import type { DirectExchange } from './connection.js';

/** The calls that wait for a connection to one address, the one that has waited longest first. Those that were stopped meanwhile are passed over. */
export class WaitingCalls {
  /** The number of calls of one group that travel together. */
  readonly #pipelining: number;
  /** Those before `#first` have been taken: nothing holds them. */
  #calls: (DirectExchange | undefined)[] = [];
  #first = 0;
  /** The index before which all are let go. */
  #kept = 0;

  constructor(pipelining: number) {
    this.#pipelining = pipelining;
  }

  get length(): number {
    return this.#calls.length - this.#first;
  }

  push(call: DirectExchange): void {
    this.#calls.push(call);
  }

  first(): DirectExchange | undefined {
    for (; this.#first < this.#calls.length; this.#first++) {
      const call = this.#calls[this.#first];
      if (call?.settled === false) return call;
    }
    return undefined;
  }

  /** Takes the first one. */
  shift(): void {
    this.#first++;
  }

  /** Takes the first one, with those that stand right behind it and may travel with it; none where no call waits. */
  shiftGroup(): DirectExchange[] {
    if (this.first() === undefined) return [];
    const group: DirectExchange[] = [];
    for (const end = this.#groupEnd(this.#first); this.#first < end; this.#first++) {
      const call = this.#calls[this.#first];
      if (call?.settled === false) group.push(call);
    }
    return group;
  }

  /** The number of connections that they need, up to a limit. */
  needed(most: number): number {
    let needed = 0;
    for (let at = this.#first; at < this.#calls.length && needed < most; at = this.#groupEnd(at))
      if (this.#calls[at]?.settled === false) needed++;
    return needed;
  }

  /** Lets go of those that were taken. Under load hundreds of calls wait, and as many that have ended would live on in front of them. */
  letGo(): void {
    this.#calls.fill(undefined, this.#kept, this.#first);
    if (this.#first * 2 >= this.#calls.length) {
      this.#calls = this.#calls.slice(this.#first);
      this.#first = 0;
    }
    this.#kept = this.#first;
  }

  /** The index behind a call and those that may travel with it. */
  #groupEnd(first: number): number {
    const group = this.#pipelining === 1 ? undefined : this.#calls[first]?.group;
    let end = first + 1;
    if (group === undefined) return end;
    for (let together = 1; together < this.#pipelining && this.#calls[end]?.group === group; end++)
      if (this.#calls[end]?.settled === false) together++;
    return end;
  }
}
