import { createHmac, randomBytes } from 'node:crypto';
import type { Caller } from '@frontage/context';

/** Pseudonyms of callers: twelve hex digits that mean nothing without the key. */
export class CallerHash {
  readonly #key: string | Buffer;
  readonly #known = new WeakMap<Caller, string>();

  /** @param key with the same key, a caller has the same pseudonym in every process. @default a random one */
  constructor(key: string | Buffer = randomBytes(32)) {
    this.#key = key;
  }

  of(caller: Caller): string {
    let hash = this.#known.get(caller);
    if (hash === undefined) {
      hash = this.ofSubject(caller.subject, caller.tenant);
      this.#known.set(caller, hash);
    }
    return hash;
  }

  ofSubject(subject: string, tenant?: string): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([tenant ?? null, subject]))
      .digest('hex')
      .slice(0, 12);
  }
}
