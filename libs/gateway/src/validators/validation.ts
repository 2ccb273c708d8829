import type { CompleteResponse } from '@frontage/aggregation';
import type { Exchange } from '../exchange/exchange.js';
import { entityTag, isNoneMatch } from './entity-tag.js';
import type { KnownTags } from './known-tags.js';

/** The validation of one response: does its client hold it already (RFC 9110 section 13)? */
export class Validation {
  readonly #plan: string;
  readonly #tags: KnownTags;
  readonly #held: string | undefined;
  readonly #maskKey: string;
  #tag: string | undefined = undefined;

  /** @param maskKey what is taken out of the response; empty where nothing is */
  constructor(plan: string, tags: KnownTags, { request }: Exchange, maskKey: string) {
    this.#plan = plan;
    this.#tags = tags;
    this.#held = request.headers['if-none-match'];
    this.#maskKey = maskKey;
  }

  /** The tag of the response, once it is known. */
  get tag(): string | undefined {
    return this.#tag;
  }

  /** Asked before the view is rendered. @param digest of everything that the view shows */
  readonly isHeld = (digest: string): boolean => {
    const tag = this.#held === undefined ? undefined : this.#tags.find(this.#key(digest));
    if (tag === undefined || !isNoneMatch(this.#held, tag)) return false;
    this.#tag = tag;
    return true;
  };

  /**
   * Gives a complete response its tag.
   * @param body as it is sent
   * @returns true if the client holds it
   */
  take({ digest }: CompleteResponse, body: Buffer): boolean {
    const tag = entityTag(body);
    if (digest !== undefined) this.#tags.add(this.#key(digest), tag);
    return this.takeTagged(tag);
  }

  /** For a response whose tag is known. @returns true if the client holds it */
  takeTagged(tag: string): boolean {
    this.#tag = tag;
    return isNoneMatch(this.#held, tag);
  }

  #key(digest: string): string {
    return `${this.#plan} ${digest}${this.#maskKey}`;
  }
}
