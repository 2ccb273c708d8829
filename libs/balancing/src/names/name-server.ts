import { promises as dns } from 'node:dns';
import type { Clock } from '@frontage/core';

export type Family = 4 | 6;

/** What was learnt about one name and one family of addresses. */
export type Answer =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[]; readonly ttlMs: number }
  /** The name is not there, or has no address of this family (RFC 2308). */
  | { readonly kind: 'none' }
  /** It cannot be told now. */
  | { readonly kind: 'failed'; readonly detail: string; readonly isTimeout: boolean };

/** What an answer may hold; more is left out. */
const maxAddresses = 64;
/** A server that was silent is asked after the others for so long. */
const suspectMs = 30_000;

/** One name server, asked by c-ares: on the event loop, over UDP, and over TCP where an answer was cut (RFC 1035 section 4.2). */
export class NameServer {
  readonly address: string;
  readonly #resolver: dns.Resolver;
  readonly #clock: Clock;
  #suspectUntil = Number.NEGATIVE_INFINITY;

  /** @throws TypeError for an address that is none */
  constructor(address: string, timeoutMs: number, clock: Clock) {
    this.address = address;
    this.#clock = clock;
    this.#resolver = new dns.Resolver({ timeout: Math.min(timeoutMs, 5_000), tries: 1 });
    this.#resolver.setServers([address]);
  }

  get isSuspect(): boolean {
    return this.#clock.now() < this.#suspectUntil;
  }

  /** Never rejects. */
  async ask(name: string, family: Family): Promise<Answer> {
    try {
      const records = await (family === 4
        ? this.#resolver.resolve4(name, { ttl: true })
        : this.#resolver.resolve6(name, { ttl: true }));
      this.#suspectUntil = Number.NEGATIVE_INFINITY;
      if (records.length === 0) return { kind: 'none' };
      return {
        kind: 'addresses',
        addresses: [...new Set(records.map(({ address }) => address))].slice(0, maxAddresses),
        ttlMs: Math.min(...records.map(({ ttl }) => ttl)) * 1_000,
      };
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** Whoever waits is told that it failed. */
  close(): void {
    this.#resolver.cancel();
  }

  #failed(error: unknown): Answer {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (noAddress.has(code)) {
      this.#suspectUntil = Number.NEGATIVE_INFINITY;
      return { kind: 'none' };
    }
    const isTimeout = code === 'ETIMEOUT';
    if (code !== 'ECANCELLED') this.#suspectUntil = this.#clock.now() + suspectMs;
    return {
      kind: 'failed',
      detail: `the name server ${this.address} ${said[code] ?? `failed (${code})`}`,
      isTimeout,
    };
  }
}

const noAddress: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

const said: Readonly<Record<string, string>> = {
  ETIMEOUT: 'does not answer',
  ECONNREFUSED: 'cannot be reached (ECONNREFUSED)',
  ESERVFAIL: 'answers that it failed (SERVFAIL)',
  EREFUSED: 'refuses to answer (REFUSED)',
};
