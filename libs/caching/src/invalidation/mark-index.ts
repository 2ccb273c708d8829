import type { Mark } from './marks.js';

/** The keys of each mark, of the entries that are in memory. It has no entry of its own: who adds an entry removes it again. */
export class MarkIndex {
  readonly #keysOf = new Map<Mark, Set<string>>();

  /** Marks that some entry has. */
  get size(): number {
    return this.#keysOf.size;
  }

  add(key: string, marks: readonly Mark[]): void {
    for (const mark of marks) {
      const keys = this.#keysOf.get(mark);
      if (keys === undefined) this.#keysOf.set(mark, new Set([key]));
      else keys.add(key);
    }
  }

  remove(key: string, marks: readonly Mark[]): void {
    for (const mark of marks) {
      const keys = this.#keysOf.get(mark);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysOf.delete(mark);
    }
  }

  keys(mark: Mark): readonly string[] {
    return [...(this.#keysOf.get(mark) ?? [])];
  }
}
