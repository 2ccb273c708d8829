import { promises as dns } from 'node:dns';
import { table, type Clock, type ServicePlace } from '@frontage/core';

export type Family = 4 | 6;

export interface FoundAddresses {
  readonly kind: 'addresses';
  readonly addresses: readonly string[];
  readonly ttlMs: number;
}

export interface FoundServices {
  readonly kind: 'services';
  readonly places: readonly ServicePlace[];
}

/** The answer to one question: by default for one name and one family of addresses. */
export type Answer<Found = FoundAddresses> =
  | Found
  /** The name does not exist, or has no address of this family (RFC 2308). */
  | { readonly kind: 'none' }
  /** The server failed or did not answer. */
  | { readonly kind: 'failed'; readonly detail: string; readonly isTimeout: boolean };

/** Most addresses of an answer; further addresses are left out. */
const maxAddresses = 64;
/** Time in which a silent server is asked after the others, in milliseconds. */
const suspectMs = 30_000;

/** One name server, asked by c-ares: on the event loop, over UDP, and over TCP if an answer was truncated (RFC 1035 section 4.2). */
export class NameServer {
  readonly address: string;
  readonly #resolver: dns.Resolver;
  readonly #clock: Clock;
  #suspectUntil = Number.NEGATIVE_INFINITY;

  /** @throws TypeError for a text that is no address */
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

  /** Never rejects. Node does not tell the time to live of SRV records. */
  async askServices(name: string): Promise<Answer<FoundServices>> {
    try {
      const records = await this.#resolver.resolveSrv(name);
      this.#suspectUntil = Number.NEGATIVE_INFINITY;
      const places = records.slice(0, maxAddresses).map(({ name: host, ...place }) => ({ host, ...place }));
      // RFC 2782: the root as target says that there is no such service.
      const usable = places.filter(({ host }) => host !== '' && host !== '.');
      return usable.length === 0 ? { kind: 'none' } : { kind: 'services', places: usable };
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** Ends all open questions with a failure. */
  close(): void {
    this.#resolver.cancel();
  }

  #failed(error: unknown): Answer<never> {
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

const said: Readonly<Record<string, string>> = table({
  ETIMEOUT: 'does not answer',
  ECONNREFUSED: 'cannot be reached (ECONNREFUSED)',
  ESERVFAIL: 'answers that it failed (SERVFAIL)',
  EREFUSED: 'refuses to answer (REFUSED)',
});
