import { Attempt, type AttemptLimits, type Settle } from '../../request/attempt.js';
import { StreamedBody } from '../../encode/body-content.js';
import type { ResponseHeaders } from '../../decode/response-decoder.js';
import type { UpstreamRequest } from '../../request/upstream-request.js';
import type { Address } from '../../policy/address.js';
import type { ResolvedUpstreamOptions } from '../../policy/upstream.options.js';
import type { Connection, DirectExchange } from './connection.js';
import { Connections } from './connections.js';
import { requestHead } from './request-head.js';
import { Leaving } from '../leaving.js';
import type { ConnectionReport, Transport } from '../transport.js';
import { tellOfUnaskedBytes } from '../unasked-bytes.js';
import { UndiciTransport } from '../undici/undici.transport.js';

/**
 * Speaks HTTP/1.1 over sockets by itself, because a general client costs more per call than the rest of the stack. Cases without a gain
 * (proxies, bodies that are read while they are sent) go through undici.
 */
export class DirectTransport implements Transport {
  #others: UndiciTransport | undefined;
  readonly #reached = new Set<Address>();
  readonly #connections = new Map<Address, Connections>();
  readonly #leaving = new Leaving();
  readonly #options: ResolvedUpstreamOptions;
  readonly #limits: AttemptLimits;

  constructor(options: ResolvedUpstreamOptions, limits: AttemptLimits) {
    this.#limits = limits;
    this.#options = options;
    this.reach([options.addresses, ...options.ownAddresses.values()].flat());
  }

  reach(addresses: readonly Address[]): void {
    for (const address of addresses) this.#reached.add(address);
    this.#others?.reach(addresses);
    const { clock, names, upstream, tls } = this.#limits;
    const { connectTimeoutMs, connections, pipelining, proxy } = this.#options;
    for (const address of addresses) {
      if (proxy !== undefined || this.#connections.has(address)) continue;
      const onUnaskedBytes = (): void => tellOfUnaskedBytes(upstream, address.origin);
      const kept = { clock, names, tls, connectTimeoutMs, connections, pipelining, onUnaskedBytes };
      this.#connections.set(address, new Connections(new URL(address.origin), kept));
    }
  }

  leave(addresses: readonly Address[]): void {
    this.#others?.leave(addresses);
    for (const address of addresses) {
      this.#reached.delete(address);
      const connections = this.#connections.get(address);
      this.#connections.delete(address);
      if (connections !== undefined) this.#leaving.add(connections.close());
    }
  }

  send(request: UpstreamRequest, settle: Settle): void {
    const connections = this.#connections.get(request.address);
    const content = request.body?.content;
    if (connections === undefined || content instanceof StreamedBody) this.#other().send(request, settle);
    else new DirectAttempt(connections, content, request, this.#limits, settle).dispatch();
  }

  /** Made with the first request that needs it: most apps have none. */
  #other(): UndiciTransport {
    if (this.#others === undefined) {
      this.#others = new UndiciTransport(this.#options, this.#limits);
      this.#others.reach([...this.#reached]);
    }
    return this.#others;
  }

  connections(): readonly ConnectionReport[] {
    const own = Array.from(this.#connections, ([{ origin }, each]) => each.report(origin));
    return [...own, ...(this.#others?.connections() ?? [])];
  }

  async close(): Promise<void> {
    this.#limits.tls?.stop();
    await Promise.all([
      this.#others?.close(),
      this.#leaving.ended(),
      ...Array.from(this.#connections.values(), (each) => each.close()),
    ]);
  }
}

class DirectAttempt extends Attempt implements DirectExchange {
  readonly content: string | Uint8Array | undefined;
  readonly #connections: Connections;
  #connection: Connection | undefined = undefined;
  #repeated = false;

  constructor(
    connections: Connections,
    content: string | Uint8Array | undefined,
    request: UpstreamRequest,
    limits: AttemptLimits,
    settle: Settle,
  ) {
    super(request, limits, settle);
    this.content = content;
    this.#connections = connections;
  }

  /**
   * Only calls of one client request share a connection, so that an upstream that responds in the wrong order or twice mixes up parts of
   * a page, and never two callers.
   */
  get group(): object | undefined {
    const { method, idleTimeoutMs, scope } = this.request;
    const mayShare = (method === 'GET' || method === 'OPTIONS') && this.content === undefined;
    return mayShare && idleTimeoutMs === undefined && !this.#repeated ? scope.context : undefined;
  }

  get fields(): ReadonlySet<string> | undefined {
    return this.request.operation.fields;
  }

  get isHead(): boolean {
    return this.request.method === 'HEAD';
  }

  dispatch(): void {
    this.request.waitFor(this);
    this.#connections.enqueue(this);
  }

  start(connection: Connection, afterTarget: string): string | undefined {
    const head = requestHead(this.request, afterTarget, this.content);
    if (head === undefined) {
      this.broke('holds what no request can carry');
      return undefined;
    }
    this.#connection = connection;
    this.request.sent = true;
    this.request.reached = true;
    return head;
  }

  responseStarted(status: number, headers: ResponseHeaders): void {
    this.began(status, headers);
  }

  chunk(bytes: Buffer): void {
    this.received(bytes);
  }

  end(): void {
    this.#connection = undefined;
    this.ended();
  }

  fail(detail: string, wasKept: boolean): void {
    this.#connection = undefined;
    if (!this.settled && !this.hasResponse && wasKept && this.request.operation.isIdempotent && !this.#repeated) {
      this.resend();
      return;
    }
    this.broke(detail);
  }

  resend(): void {
    this.#connection = undefined;
    this.#repeated = true;
    this.request.sent = false;
    this.request.waitFor(this);
    this.#connections.requeue(this);
  }

  override abort(): void {
    this.#connection?.abandon(this);
  }

  override pause(): void {
    this.#connection?.pause();
  }

  override resume(): void {
    this.#connection?.resume();
  }
}
