import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { ConnectionFaults, FaultStep } from './connection-faults.js';

export type { ConnectionFaults, FaultStep } from './connection-faults.js';

export interface FaultProxyOptions {
  /** Address behind the proxy, `http://127.0.0.1:4001`; only host and port count. */
  readonly target: string;
  /** Decides about jitter and shares: the same seed draws the same numbers. @default 1 */
  readonly seed?: number;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  readonly closed: AbortController;
  /** Compared with the share of connections that have faults. */
  readonly draw: number;
}

/** Numbers from 0 to below 1 from a seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A TCP proxy between a client and a real server that makes the faults of a network, changed while it runs. It knows nothing of HTTP, so it
 * stands before every server, TLS included.
 *
 * ```ts
 * const proxy = await FaultProxy.start({ target: upstream.url });
 * await proxy.set({ latencyMs: 100, jitterMs: 50 });
 * await proxy.set({ resetAfterBytes: 20, share: 0.5 });
 * proxy.schedule([{ forMs: 500, down: true }, { forMs: 2_000 }]);
 * await proxy.stop();
 * ```
 */
export class FaultProxy {
  readonly #host: string;
  readonly #targetPort: number;
  readonly #random: () => number;
  readonly #pairs = new Set<Pair>();
  readonly #stopped = new AbortController();
  #server: Server | undefined;
  #port = 0;
  #faults: ConnectionFaults = {};
  #change = Promise.withResolvers<void>();
  #schedule: AbortController | undefined;
  #accepted = 0;

  private constructor({ target, seed = 1 }: FaultProxyOptions) {
    const { hostname, port } = new URL(target);
    this.#host = hostname.replace(/^\[|\]$/g, '');
    this.#targetPort = Number(port);
    this.#random = dice(seed);
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    await proxy.#listen();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Connections that are open. */
  get openConnections(): number {
    return this.#pairs.size;
  }

  /** Connections so far. */
  get connectionCount(): number {
    return this.#accepted;
  }

  /** Replaces the faults, also those of open connections; `{}` ends all of them. Ends a schedule. */
  async set(faults: ConnectionFaults): Promise<void> {
    this.#schedule?.abort();
    this.#schedule = undefined;
    await this.#apply(faults);
  }

  /** Goes through the steps again and again until `set`, another schedule, or `stop`. */
  schedule(steps: readonly [FaultStep, ...FaultStep[]]): void {
    this.#schedule?.abort();
    const ended = new AbortController();
    this.#schedule = ended;
    void (async () => {
      for (let index = 0; !ended.signal.aborted; index++) {
        const { forMs, ...faults } = steps[index % steps.length] ?? steps[0];
        await this.#apply(faults);
        await pause(forMs, ended.signal);
      }
    })();
  }

  /** Resets what is open, and listens no longer. */
  async stop(): Promise<void> {
    this.#schedule?.abort();
    this.#stopped.abort();
    await this.#refuse();
  }

  async #apply(faults: ConnectionFaults): Promise<void> {
    this.#faults = faults;
    this.#change.resolve();
    this.#change = Promise.withResolvers();
    if (faults.down === true) await this.#refuse();
    else if (this.#server === undefined && !this.#stopped.signal.aborted) await this.#listen();
  }

  async #listen(): Promise<void> {
    // A client that has sent its last byte still gets its response.
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#server = server;
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  async #refuse(): Promise<void> {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.close();
    await once(server, 'close');
  }

  #accept(client: Socket): void {
    this.#accepted++;
    const server = connect({ host: this.#host, port: this.#targetPort, allowHalfOpen: true });
    const pair = { client, server, closed: new AbortController(), draw: this.#random() };
    this.#pairs.add(pair);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.setNoDelay();
      one.on('error', () => other.resetAndDestroy());
      one.on('close', () => {
        pair.closed.abort();
        this.#pairs.delete(pair);
        if (one.errored !== null || !one.readableEnded) other.destroy();
      });
    }
    void this.#pump(pair, client, server, 'requests');
    void this.#pump(pair, server, client, 'responses');
  }

  /** The faults of one direction of a connection, as they are now. */
  #faultsOf({ draw }: Pair, direction: 'requests' | 'responses'): ConnectionFaults {
    const { on = 'responses', share = 1 } = this.#faults;
    return (on === 'both' || on === direction) && draw < share ? this.#faults : {};
  }

  async #pump(pair: Pair, from: Socket, to: Socket, direction: 'requests' | 'responses'): Promise<void> {
    let passed = 0;
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        for (let at = 0; at < chunk.length;) {
          const faults = await this.#untilOpen(pair, direction);
          const slice = chunk.subarray(at, at + pieceOf(faults));
          await pause(this.#delayOf(faults, slice.length), pair.closed.signal);
          const left = (faults.resetAfterBytes ?? faults.truncateAfterBytes ?? Number.POSITIVE_INFINITY) - passed;
          if (left < slice.length) {
            cut(to, slice.subarray(0, Math.max(0, left)), faults.resetAfterBytes !== undefined);
            from.destroy();
            return;
          }
          at += slice.length;
          passed += slice.length;
          if (!to.destroyed && !to.write(slice)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
        }
      }
      await pause(this.#faultsOf(pair, direction).slowCloseMs ?? 0, pair.closed.signal);
      to.end();
    } catch {
      // One side was reset, which the listener of its errors tells the other one.
    }
  }

  async #untilOpen(pair: Pair, direction: 'requests' | 'responses'): Promise<ConnectionFaults> {
    for (;;) {
      const faults = this.#faultsOf(pair, direction);
      if (faults.noData !== true || pair.closed.signal.aborted) return faults;
      await Promise.race([this.#change.promise, whenAborted(pair.closed.signal)]);
    }
  }

  #delayOf({ latencyMs = 0, jitterMs = 0, bytesPerSecond }: ConnectionFaults, bytes: number): number {
    const jitter = jitterMs === 0 ? 0 : (2 * this.#random() - 1) * jitterMs;
    return Math.max(0, latencyMs + jitter) + (bytesPerSecond === undefined ? 0 : (bytes / bytesPerSecond) * 1_000);
  }
}

/** Largest piece that passes at once: with a bandwidth, what passes in 50 ms. */
const pieceOf = ({ sliceBytes, bytesPerSecond }: ConnectionFaults): number =>
  Math.max(1, Math.min(sliceBytes ?? 65_536, bytesPerSecond === undefined ? 65_536 : Math.ceil(bytesPerSecond / 20)));

function cut(to: Socket, rest: Buffer, isReset: boolean): void {
  if (!isReset) to.end(rest);
  // Bytes that are reset before they are written would not arrive.
  else to.write(rest, () => to.resetAndDestroy());
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await wait(ms, undefined, { signal }).catch(() => undefined);
}

const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
