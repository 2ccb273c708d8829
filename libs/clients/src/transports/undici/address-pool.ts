import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { buildConnector, Dispatcher, Pool, ProxyAgent } from 'undici';
import type { AttemptLimits } from '../../request/attempt.js';
import type { ResolvedUpstreamOptions } from '../../policy/upstream.options.js';
import { FollowedName } from '../followed-name.js';
import type { ConnectionReport } from '../transport.js';
import { tellOfUnaskedBytes } from '../unasked-bytes.js';

const require = createRequire(import.meta.url);
let loaded: typeof import('undici') | undefined;

/** Loaded with the first pool: an app whose upstreams all have other transports does without its hundred files. */
const undici = (): typeof import('undici') => (loaded ??= require('undici'));

/** The connections to one address: a pool of undici, which is replaced when an address of its name has left. */
export class AddressPool {
  readonly #ProxyAgent: typeof ProxyAgent;
  readonly #make: () => Pool | ProxyAgent;
  readonly #origin: string;
  readonly #name: FollowedName;
  readonly #retired = new Set<Promise<void>>();
  #current: Pool | ProxyAgent;

  constructor(origin: string, options: ResolvedUpstreamOptions, { names, upstream, tls }: AttemptLimits) {
    const { buildConnector, Pool, ProxyAgent } = undici();
    this.#ProxyAgent = ProxyAgent;
    const { proxy, connectTimeoutMs } = options;
    const lookup = names && { lookup: names.lookupWithin(connectTimeoutMs) };
    this.#origin = origin;
    this.#make = (): Pool | ProxyAgent =>
      proxy === undefined
        ? this.#watched(
            upstream,
            new Pool(origin, {
              ...poolOptions(options, origin),
              connect: watchedConnector(
                buildConnector({ timeout: connectTimeoutMs, ...http2(options), ...lookup, ...tls?.material }),
                options,
                tls?.serverName,
              ),
            }),
          )
        : new ProxyAgent({
            ...poolOptions(options, origin),
            uri: proxy,
            connectTimeout: connectTimeoutMs,
            // Of `https:` as a tunnel (RFC 9110 section 9.3.6), of `http:` as a request for the whole address (RFC 9112 section 3.2.2).
            proxyTunnel: false,
            proxyTls: { allowH2: false, ...lookup },
            requestTls: { ...http2(options), ...tls?.material },
            // A proxy without a response to CONNECT has not connected.
            clientFactory: (url, its) => new Pool(url, { ...its, headersTimeout: connectTimeoutMs }),
          });
    this.#current = this.#make();
    tls?.onChange(() => this.#retire());
    const { hostname } = new URL(proxy ?? origin);
    this.#name = new FollowedName(
      names,
      hostname,
      () => this.#current instanceof ProxyAgent || this.#current.stats.connected > 0,
      () => this.#retire(),
    );
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    if (this.#current instanceof this.#ProxyAgent)
      this.#current.dispatch({ ...options, origin: this.#origin }, handler);
    else this.#current.dispatch(options, handler);
  }

  /** `undefined` for those through a proxy, which undici does not count. */
  connections(): ConnectionReport | undefined {
    if (this.#current instanceof this.#ProxyAgent) return undefined;
    const { connected, free, queued } = this.#current.stats;
    return { address: this.#origin, active: connected - free, idle: free, waiting: queued };
  }

  async close(): Promise<void> {
    this.#name.end();
    await Promise.all([this.#current.close(), ...this.#retired]);
  }

  /**
   * A peer that mixes up one connection may mix up others: no idle one is used again (RELIABILITY F36). undici has closed the one that
   * told, and lets a turn of the event loop pass before it takes a connection again.
   */
  #watched(upstream: string, pool: Pool): Pool {
    pool.on('disconnect', (_origin, _targets, error) => {
      if (!isUnaskedBytes(error)) return;
      tellOfUnaskedBytes(upstream, this.#origin);
      if (this.#current === pool && !pool.closed) this.#retire();
    });
    return pool;
  }

  /** Running and waiting requests stay where they are; new ones use new connections. */
  #retire(): void {
    const before = this.#current;
    this.#current = this.#make();
    const closed = before.close().then(
      () => undefined,
      () => undefined,
    );
    this.#retired.add(closed);
    void closed.then(() => this.#retired.delete(closed));
  }
}

function poolOptions(options: ResolvedUpstreamOptions, origin: string): Pool.Options {
  const isHttp2 = options.protocol === 'h2';
  return {
    connections: options.connections,
    allowH2: isHttp2,
    ...(isHttp2
      ? { pipelining: options.streams, h2Options: { maxConcurrentStreams: options.streams, useH2c: !isTls(origin) } }
      : { pipelining: 1 }),
    // One timer per call bounds it; the parser's own timers would only cost.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 16_384,
  };
}

const isTls = (origin: string): boolean => origin.startsWith('https:');

/** For connectors: what is offered by ALPN. */
const http2 = ({ protocol }: ResolvedUpstreamOptions): buildConnector.BuildOptions =>
  protocol === 'h2' ? { allowH2: true, preferH2: true } : { allowH2: false };

/** Errors that a request ended with, and that are no news of a connection without one. */
const told = new WeakSet<Error>();

/** A request has ended with this error. */
export function toldToAttempt(error: Error): void {
  told.add(error);
}

/** Bytes on a connection that carries no request: undici takes them for a response of none, or for no HTTP at all. */
function isUnaskedBytes(error: Error): boolean {
  if (told.has(error)) return false;
  return error.message === 'bad response' || ('code' in error && String(error.code).startsWith('HPE_'));
}

/** Errors of connections that had carried a response before: the upstream may have closed one in the moment we took it. */
const brokenWhileKept = new WeakSet<Error>();

/** True if an error is of a connection that had carried a response before. */
export function wasUsed(error: Error): boolean {
  if (brokenWhileKept.has(error)) return true;
  if (!('socket' in error)) return false;
  const { socket } = error;
  return typeof socket === 'object' && socket !== null && 'bytesRead' in socket && Number(socket.bytesRead) > 0;
}

/** @param servername in place of that of the address */
function watchedConnector(
  connect: buildConnector.connector,
  { protocol }: ResolvedUpstreamOptions,
  servername: string | undefined,
): buildConnector.connector {
  return (options, callback) =>
    connect(servername === undefined ? options : { ...options, servername }, (...result) => {
      const [, socket] = result;
      socket?.on('error', (error: Error) => {
        if (socket.bytesRead > 0) brokenWhileKept.add(error);
      });
      if (protocol === 'h2' && socket instanceof Socket) {
        // Without TLS nothing is agreed: it is known (RFC 9113 section 3.3).
        if (!(socket instanceof TLSSocket)) Reflect.set(socket, 'alpnProtocol', 'h2');
        else if (socket.alpnProtocol !== 'h2') {
          socket.destroy();
          callback(new Error('the server does not speak HTTP/2'), null);
          return;
        }
      }
      callback(...result);
    });
}
