import type { RequestContext } from '@frontage/context';
import type { Clock } from '@frontage/core';
import type { CallerHash } from '../../logs/caller-hash.js';
import type { TopClientsOptions } from '../../options/tracing.options.js';
import { SpaceSaving, type Counted } from './space-saving.js';

/** A client among those that send most. */
export interface TopClient {
  /** Its pseudonym, twelve hex digits; that of a caller is the `caller` of log lines. */
  readonly client: string;
  /** A caller with a token, or an address without one. */
  readonly kind: 'caller' | 'address';
  /** Requests at most. */
  readonly requests: number;
  /** Requests at least. */
  readonly atLeast: number;
}

/** The clients that send most requests, the most first. */
export interface TopClients {
  /** The time that is counted, up to now. */
  readonly seconds: number;
  /** Those of all clients. */
  readonly requests: number;
  readonly clients: readonly TopClient[];
}

/** Places of the sketch per client that is told of: a client with 1 / (8 * most) of the requests is never missed. */
const PLACES = 8;
const WINDOW_MS = 300_000;

interface Client {
  readonly subject: string;
  readonly tenant: string | undefined;
  readonly kind: TopClient['kind'];
}

interface Window {
  readonly since: number;
  readonly sketch: SpaceSaving<Client>;
}

/** Counts the requests of clients in two windows of five minutes each, the running one and the one before it. */
export class ClientCounts {
  readonly #most: number;
  readonly #addressKey: (address: string) => string;
  readonly #hash: CallerHash;
  readonly #clock: Clock;
  #before: Window | undefined;
  #now: Window;

  constructor({ most, addressKey = (address) => address }: TopClientsOptions, hash: CallerHash, clock: Clock) {
    this.#most = most;
    this.#addressKey = addressKey;
    this.#hash = hash;
    this.#clock = clock;
    this.#now = this.#newWindow();
  }

  record({ caller, clientAddress }: RequestContext, endedAt: number): void {
    if (endedAt - this.#now.since >= WINDOW_MS) this.#turn(endedAt);
    const { sketch } = this.#now;
    if (caller === undefined) {
      const address = this.#addressKey(clientAddress);
      sketch.add(`a${address}`, { subject: address, tenant: undefined, kind: 'address' });
    } else {
      const { subject, tenant } = caller;
      const key = tenant === undefined ? `c${subject}` : `t${tenant.length}:${tenant}${subject}`;
      sketch.add(key, { subject, tenant, kind: 'caller' });
    }
  }

  report(): TopClients {
    const now = this.#clock.now();
    if (now - this.#now.since >= WINDOW_MS) this.#turn(now);
    const windows = this.#before === undefined ? [this.#now] : [this.#before, this.#now];
    const sums = addedUp(windows.map(({ sketch }) => sketch));
    const top = sums.toSorted((one, other) => other.count - one.count).slice(0, this.#most);
    return {
      seconds: Math.round((now - (windows[0]?.since ?? now)) / 1_000),
      requests: windows.reduce((sum, { sketch }) => sum + sketch.total, 0),
      clients: top.map(({ value: { subject, tenant, kind }, count, error }) => ({
        // An address and a caller of that name are two clients.
        client: this.#hash.ofSubject(kind === 'address' ? `address ${subject}` : subject, tenant),
        kind,
        requests: count,
        atLeast: count - error,
      })),
    };
  }

  #turn(now: number): void {
    // After a pause nobody has sent anything in the window before this one.
    this.#before = now - this.#now.since < 2 * WINDOW_MS ? this.#now : undefined;
    this.#now = this.#newWindow(now);
  }

  #newWindow(since = this.#clock.now()): Window {
    return { since, sketch: new SpaceSaving(this.#most * PLACES) };
  }
}

/** A client that one sketch does not hold may have come as often as the rarest one that it holds. */
function addedUp(sketches: readonly SpaceSaving<Client>[]): readonly Counted<Client>[] {
  const sums = new Map<string, Counted<Client>>();
  const held = sketches.map((sketch) => new Map(sketch.entries().map((entry) => [entry.key, entry])));
  for (const entries of held)
    for (const { key, value } of entries.values()) {
      if (sums.has(key)) continue;
      const parts = sketches.map(({ least }, index) => held[index]?.get(key) ?? { count: least, error: least });
      const sum = (of: 'count' | 'error'): number => parts.reduce((total, part) => total + part[of], 0);
      sums.set(key, { key, value, count: sum('count'), error: sum('error') });
    }
  return [...sums.values()];
}

/** The top clients of several processes. One that a process does not tell of may have sent it as many requests as the last one that it tells of. */
export function sumTopClients(reports: readonly TopClients[]): TopClients {
  const most = Math.max(0, ...reports.map(({ clients }) => clients.length));
  const leasts = reports.map(({ clients }) => (clients.length < most ? 0 : (clients.at(-1)?.requests ?? 0)));
  const known = new Map(
    reports.flatMap(({ clients }) => clients.map((each) => [`${each.kind} ${each.client}`, each] as const)),
  );
  const sums = [...known.values()].map(({ client, kind }): TopClient => {
    const parts = reports.map(
      ({ clients }, index) =>
        clients.find((each) => each.client === client && each.kind === kind) ?? {
          requests: leasts[index] ?? 0,
          atLeast: 0,
        },
    );
    const sum = (of: 'requests' | 'atLeast'): number => parts.reduce((total, part) => total + part[of], 0);
    return { client, kind, requests: sum('requests'), atLeast: sum('atLeast') };
  });
  return {
    seconds: Math.max(0, ...reports.map(({ seconds }) => seconds)),
    requests: reports.reduce((sum, { requests }) => sum + requests, 0),
    clients: sums.toSorted((one, other) => other.requests - one.requests).slice(0, most),
  };
}
