import { LRUCache } from 'lru-cache';

/** Screens and the states of their parts whose tags a process knows. */
const maxTags = 20_000;

/** The tags of responses, by the digest of what they were made of, so that a view is not rendered to learn a tag again. */
export class KnownTags {
  readonly #tags: LRUCache<string, string>;

  /** @param max tags that are kept; those that were not asked for the longest are forgotten. @default 20,000 */
  constructor(max = maxTags) {
    this.#tags = new LRUCache({ max });
  }

  /** At most `max`. */
  get size(): number {
    return this.#tags.size;
  }

  /** @param digest of the parts, unique among the screens of an app */
  find(digest: string): string | undefined {
    return this.#tags.get(digest);
  }

  add(digest: string, tag: string): void {
    this.#tags.set(digest, tag);
  }
}
