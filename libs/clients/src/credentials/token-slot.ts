import type { Clock } from '@frontage/core';

/** A token as the token endpoint gave it. */
export interface IssuedToken {
  readonly value: string;
  /** Its lifetime, in milliseconds from when it was given; absent where the server does not say. */
  readonly lifetimeMs: number | undefined;
}

/** For tokens whose server does not say how long they are good. */
const unknownLifetimeMs = 60_000;
/** A token is not used in the last moments of its life: it has to arrive at the upstream. */
const marginMs = 10_000;
/** Time between two tries to renew a token that is still good. */
const retryMs = 5_000;
/** A token that an upstream refuses is fetched again only where it is older than this: a new one would be refused as well. */
const youngMs = 5_000;

interface HeldToken {
  readonly value: string;
  readonly since: number;
  /** Beyond this it is renewed in the background. */
  readonly freshUntil: number;
  readonly goodUntil: number;
}

/**
 * One token that many calls use. It is fetched once for all that wait for it, and renewed in the background after four fifths of its life,
 * so that no call waits for a renewal while the token endpoint works.
 */
export class TokenSlot {
  readonly #clock: Clock;
  #token: HeldToken | undefined;
  #pending: Promise<string> | undefined;
  #retryAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the token where it is good; else a promise of the one that is being fetched, which rejects as `fetch` does */
  get(fetch: () => Promise<IssuedToken>): string | Promise<string> {
    const now = this.#clock.now();
    const token = this.#token;
    if (token === undefined || now >= token.goodUntil) return (this.#pending ??= this.#fetch(fetch));
    if (now >= token.freshUntil && this.#pending === undefined && now >= this.#retryAt) {
      this.#retryAt = now + retryMs;
      // The token at hand is still good, and the next call tries again.
      this.#pending = this.#fetch(fetch);
      this.#pending.catch(() => undefined);
    }
    return token.value;
  }

  /** The rest of its life, in milliseconds; 0 where it holds no token. */
  get leftMs(): number {
    return Math.max(0, (this.#token?.goodUntil ?? 0) - this.#clock.now());
  }

  /**
   * An upstream has refused this token.
   * @returns whether the next call gets another one
   */
  drop(value: string): boolean {
    const token = this.#token;
    if (token === undefined || token.value !== value) return token !== undefined || this.#pending !== undefined;
    if (this.#clock.now() - token.since < youngMs) return false;
    this.#token = undefined;
    return true;
  }

  async #fetch(fetch: () => Promise<IssuedToken>): Promise<string> {
    try {
      const { value, lifetimeMs = unknownLifetimeMs } = await fetch();
      const now = this.#clock.now();
      this.#token = {
        value,
        since: now,
        freshUntil: now + lifetimeMs * 0.8,
        goodUntil: now + lifetimeMs - Math.min(marginMs, lifetimeMs * 0.1),
      };
      this.#retryAt = Number.NEGATIVE_INFINITY;
      return value;
    } finally {
      this.#pending = undefined;
    }
  }
}
