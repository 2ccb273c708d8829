import type { Clock } from '@frontage/core';

interface Event {
  readonly at: number;
  /** Of events at the same time, the one that was made first comes first. */
  readonly order: number;
  callback: (() => void) | undefined;
}

/** Time that jumps from one event to the next: hours of a fleet take seconds. */
export class VirtualTime implements Clock {
  readonly #events: Event[] = [];
  #now = 0;
  #made = 0;

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#now;
  }

  setTimer(callback: () => void, delayMs: number): Event {
    const event: Event = { at: this.#now + Math.max(0, delayMs), order: this.#made++, callback };
    this.#push(event);
    return event;
  }

  clearTimer(timer: unknown): void {
    (timer as Event).callback = undefined;
  }

  /** Lets everything happen that is due until then. */
  run(untilMs: number): void {
    for (let next = this.#events[0]; next !== undefined && next.at <= untilMs; next = this.#events[0]) {
      this.#pop();
      this.#now = next.at;
      next.callback?.();
    }
    this.#now = untilMs;
  }

  #push(event: Event): void {
    const heap = this.#events;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent];
      if (other === undefined || isBefore(other, event)) break;
      heap[at] = other;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#events;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) child++;
      const least = heap[child] ?? left;
      if (isBefore(last, least)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (one: Event, other: Event): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
