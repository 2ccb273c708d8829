import type { InvalidationLog, LogPosition } from './invalidation-log.js';
import type { Mark } from './marks.js';

/** Watches whether something that a response depends on changes while it is loaded. */
export class ChangeWatch {
  readonly #log: InvalidationLog;
  readonly #marks: readonly Mark[];
  #since: LogPosition;

  /** Begins at once. */
  constructor(log: InvalidationLog, marks: readonly Mark[]) {
    this.#log = log;
    this.#marks = marks;
    this.#since = log.position;
  }

  /** Begins anew. */
  begin(): void {
    this.#since = this.#log.position;
  }

  /** The same as before: no change was seen since. */
  get isCurrent(): boolean {
    return this.#log.isCurrent(this.#since, this.#marks);
  }
}
