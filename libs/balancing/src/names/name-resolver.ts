import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import {
  channels,
  systemClock,
  type Clock,
  type Warning,
  type NameWatcher,
  type Names,
  type ServicePlace,
} from '@frontage/core';
import { addressOf, inTurn, ofFamily, speaksIPv6 } from './address-list.js';
import { candidatesOf, canonicalName, isLocalhost, isNeverAsked } from './candidates.js';
import { Inquiry } from './inquiry.js';
import { KnownName, type Resolution } from './known-name.js';
import { noSuchName, notTold } from './name-error.js';
import { NameServer, type Answer, type Family, type FoundServices } from './name-server.js';
import { filesCheckedMs, NameSources } from './name-sources.js';
import type { NameOptions } from './names.options.js';
import { Pace } from './pace.js';

/** Longest time to wait for IPv6 addresses once there are IPv4 addresses, in milliseconds (RFC 8305 section 3). */
const resolutionDelayMs = 50;
/** Most failing names with a warning of their own. */
const maxSpokenOf = 50;

/**
 * Resolves names for a whole app, without the pool of threads that `dns.lookup` shares with files and zlib. All connections that wait for a name
 * share one question. An answer is kept for the time of its records, and the last good answer is used while the name servers hang or fail.
 * The hosts file, `search` and `ndots` of `resolv.conf` hold as they do for the system (RELIABILITY F22, F31).
 */
export class NameResolver implements Names {
  readonly #clock: Clock;
  readonly #sources: NameSources;
  readonly #timeoutMs: number;
  readonly #maxNames: number;
  readonly #known = new Map<string, KnownName>();
  readonly #rules: ConstructorParameters<typeof KnownName>[1];
  /** By address. Servers that `resolv.conf` no longer names stay here; it names at most three at a time. */
  readonly #servers = new Map<string, NameServer>();
  /** The candidate of a name that had an address. */
  readonly #found = new Map<string, string>();
  readonly #services = new Map<string, Promise<readonly ServicePlace[]>>();
  readonly #inTrouble = new Set<string>();
  readonly #pace: Pace;
  #prefersIPv6 = false;
  #interfacesAt = Number.NEGATIVE_INFINITY;

  constructor(options: NameOptions = {}) {
    const { clock = systemClock, minTtlMs = 1_000 } = options;
    this.#clock = clock;
    this.#pace = new Pace(clock);
    this.#sources = new NameSources(options, clock);
    this.#timeoutMs = options.timeoutMs ?? 3_000;
    this.#maxNames = options.maxNames ?? 2_000;
    this.#rules = {
      clock,
      minTtlMs,
      maxTtlMs: Math.max(minTtlMs, options.maxTtlMs ?? 300_000),
      negativeTtlMs: options.negativeTtlMs ?? 5_000,
      staleForMs: options.staleForMs ?? 86_400_000,
      resolve: (name) => this.#resolve(name),
      changed: (name, detail) => this.#changed(name, detail),
    };
  }

  /** Number of names that are kept. */
  get size(): number {
    return this.#known.size;
  }

  /**
   * The addresses of a name or of an address, in the order in which to try them.
   * @throws NameError by the promise
   */
  async addresses(written: string): Promise<readonly LookupAddress[]> {
    const host = written.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) return [addressOf(host)];
    const name = canonicalName(host);
    if (name === undefined || isNeverAsked(name)) throw noSuchName(host);
    if (isLocalhost(name)) return this.#loopback();
    const known = this.#nameOf(name);
    const found = await known.addresses();
    return inTurn(found, known.turn++, this.#checkIPv6());
  }

  lookupWithin(withinMs: number): LookupFunction {
    return (hostname, options, callback) => {
      const one = options as Partial<LookupAllOptions>;
      const answer = this.#within(hostname, withinMs).then((found) => ofFamily(found, one.family, hostname));
      void answer.then(
        (found) => {
          const first = found[0];
          if (one.all === true || first === undefined) process.nextTick(callback, null, found);
          else process.nextTick(callback, null, first.address, first.family);
        },
        (refused: NodeJS.ErrnoException) => process.nextTick(callback, refused, one.all === true ? [] : '', 0),
      );
    };
  }

  watch(written: string, watcher: NameWatcher): () => void {
    const name = canonicalName(written);
    if (isIP(written.replace(/^\[|\]$/g, '')) !== 0 || name === undefined || isLocalhost(name) || isNeverAsked(name)) {
      return () => undefined;
    }
    return this.#nameOf(name).watch(watcher);
  }

  services(name: string): Promise<readonly ServicePlace[]> {
    const asking = this.#services.get(name) ?? this.#askServices(name).finally(() => this.#services.delete(name));
    this.#services.set(name, asking);
    return asking;
  }

  close(): void {
    for (const known of this.#known.values()) known.close();
    for (const server of this.#servers.values()) server.close();
    this.#known.clear();
  }

  async #askServices(name: string): Promise<readonly ServicePlace[]> {
    await this.#pace.turn();
    const ask = (server: NameServer): Promise<Answer<FoundServices>> => server.askServices(name);
    const answer = await new Inquiry(ask, this.#serversNow(), this.#timeoutMs, this.#clock).answer;
    if (answer.kind === 'services') return answer.places;
    throw answer.kind === 'none' ? noSuchName(name) : notTold(name, answer.detail);
  }

  #within(hostname: string, withinMs: number): Promise<readonly LookupAddress[]> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(notTold(hostname, `the name servers have not answered within ${withinMs} ms`));
      const timer = this.#clock.setTimer(late, withinMs);
      this.addresses(hostname)
        .then(resolve, reject)
        .finally(() => this.#clock.clearTimer(timer));
    });
  }

  /** RFC 6761 section 6.3: the hosts file may choose the address, but only an address of this machine. */
  #loopback(): LookupAddress[] {
    const written = (this.#sources.hosts.get('localhost') ?? []).filter((each) => /^(?:127\.|::1$)/.test(each));
    return (written.length === 0 ? ['127.0.0.1', '::1'] : written).map(addressOf);
  }

  #nameOf(name: string): KnownName {
    const known = this.#known.get(name) ?? new KnownName(name, this.#rules);
    // The name that was used last stands last.
    this.#known.delete(name);
    this.#known.set(name, known);
    if (this.#known.size > this.#maxNames) this.#makeRoom();
    return known;
  }

  #makeRoom(): void {
    for (const [name, known] of this.#known) {
      if (this.#known.size <= this.#maxNames) return;
      if (known.isWatched) continue;
      this.#known.delete(name);
      this.#found.delete(name);
      this.#inTrouble.delete(name);
    }
  }

  async #resolve(name: string): Promise<Resolution> {
    const written = this.#sources.hosts.get(name.replace(/\.$/, ''));
    if (written !== undefined) return { kind: 'addresses', addresses: written, ttlMs: filesCheckedMs };
    const all = candidatesOf(name, this.#sources.resolvConf);
    const before = this.#found.get(name);
    const candidates =
      before !== undefined && all.includes(before) ? [before, ...all.filter((each) => each !== before)] : all;
    let failure: Resolution = { kind: 'none' };
    for (const candidate of candidates) {
      const answer = await this.#askBoth(candidate);
      if (answer.kind === 'addresses') {
        if (all.length > 1) this.#found.set(name, candidate);
        return answer;
      }
      if (answer.kind === 'none') continue;
      failure = answer;
      // As in the C library: after a failure for one domain the next domain is asked, after a timeout it is not. If a candidate had an
      // address before, no other candidate replaces it.
      if (answer.isTimeout || candidate === before) break;
    }
    return failure;
  }

  /** Asks for both families at once. A failure of one family does not affect the other. */
  async #askBoth(name: string): Promise<Answer> {
    await this.#pace.turn();
    const servers = this.#serversNow();
    const ask = (family: Family): Promise<Answer> =>
      new Inquiry((server) => server.ask(name, family), servers, this.#timeoutMs, this.#clock).answer;
    const six = ask(6);
    const four = await ask(4);
    const other = four.kind === 'addresses' ? await this.#atMost(six, resolutionDelayMs) : await six;
    if (four.kind === 'addresses' && other?.kind === 'addresses') {
      const addresses = [...four.addresses, ...other.addresses];
      return { kind: 'addresses', addresses, ttlMs: Math.min(four.ttlMs, other.ttlMs) };
    }
    if (four.kind === 'addresses' || other === undefined) return four;
    if (other.kind === 'addresses') return other;
    return four.kind === 'failed' ? four : other;
  }

  #atMost(answer: Promise<Answer>, withinMs: number): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(() => resolve(undefined), withinMs);
      void answer.then((each) => {
        this.#clock.clearTimer(timer);
        resolve(each);
      });
    });
  }

  #serversNow(): NameServer[] {
    const named = this.#sources.resolvConf.servers.map((address) => {
      const known = this.#servers.get(address) ?? new NameServer(address, this.#timeoutMs, this.#clock);
      this.#servers.set(address, known);
      return known;
    });
    return [...named.filter(({ isSuspect }) => !isSuspect), ...named.filter(({ isSuspect }) => isSuspect)];
  }

  #checkIPv6(): boolean {
    const now = this.#clock.now();
    if (now >= this.#interfacesAt + filesCheckedMs) {
      this.#interfacesAt = now;
      this.#prefersIPv6 = speaksIPv6();
    }
    return this.#prefersIPv6;
  }

  /** Publishes a warning when a name begins to fail, and another one when it works again. */
  #changed(name: string, detail: string | undefined): void {
    if (detail !== undefined && this.#inTrouble.size >= maxSpokenOf) return;
    if (detail === undefined ? !this.#inTrouble.delete(name) : this.#inTrouble.has(name)) return;
    if (detail !== undefined) this.#inTrouble.add(name);
    if (!channels.warning.hasSubscribers) return;
    const message =
      detail === undefined
        ? `the name "${name}" is resolved again`
        : `the name "${name}" cannot be resolved: ${detail}; its last addresses serve on where it has some`;
    channels.warning.publish({ from: 'names', message } satisfies Warning);
  }
}
