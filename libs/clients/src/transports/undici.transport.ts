import { buildConnector, Pool, type Dispatcher } from 'undici';
import { StreamedBody } from '../body-content.js';
import { Attempt, type AttemptLimits, type Settle } from '../attempt.js';
import type { ResponseHeaders } from '../decode.js';
import type { Address, ResolvedUpstreamOptions } from '../upstream.options.js';
import type { UpstreamRequest } from '../upstream-request.js';
import type { Transport } from './transport.js';

/** The fast transport: one pool of connections per address, and one handler object per attempt. */
export class UndiciTransport implements Transport {
  readonly #pools: ReadonlyMap<Address, Pool>;
  readonly #limits: AttemptLimits;

  constructor(options: ResolvedUpstreamOptions, limits: AttemptLimits) {
    const connect = markingUsedSockets(buildConnector({ timeout: options.connectTimeoutMs, allowH2: false }));
    this.#pools = new Map(
      [options.addresses, ...options.ownAddresses.values()].flat().map((address) => [
        address,
        new Pool(address.origin, {
          connect,
          connections: options.connections,
          pipelining: 1,
          allowH2: false,
          // One timer per call bounds it; the parser's own timers would only cost.
          headersTimeout: 0,
          bodyTimeout: 0,
          maxHeaderSize: 16_384,
        }),
      ]),
    );
    this.#limits = limits;
  }

  send(request: UpstreamRequest, settle: Settle): void {
    const pool = this.#pools.get(request.address);
    if (pool === undefined) throw new Error(`no connections to ${request.address.origin}`);
    new UndiciAttempt(pool, request, this.#limits, settle).dispatch();
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#pools.values(), (pool) => pool.close()));
  }
}

class UndiciAttempt extends Attempt implements Dispatcher.DispatchHandler {
  readonly #pool: Pool;
  #controller: Dispatcher.DispatchController | undefined = undefined;
  #repeated = false;

  constructor(pool: Pool, request: UpstreamRequest, limits: AttemptLimits, settle: Settle) {
    super(request, limits, settle);
    this.#pool = pool;
  }

  dispatch(): void {
    const { request } = this;
    const content = request.body?.content;
    request.waitFor(this);
    this.#pool.dispatch(
      {
        path: request.address.prefix === '' ? request.target : request.address.prefix + request.target,
        method: request.method,
        headers: request.headers,
        body: content === undefined ? null : content instanceof StreamedBody ? content.open() : content,
      },
      this,
    );
  }

  override abort(): void {
    this.#controller?.abort(abortReason);
  }

  override pause(): void {
    this.#controller?.pause();
  }

  override resume(): void {
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // It may have been stopped while it waited for a connection.
    if (this.settled) {
      controller.abort(abortReason);
      return;
    }
    this.#controller = controller;
    this.request.sent = true;
    this.request.reached = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    // RFC 9110 section 15.2: interim answers come before the one that counts.
    if (status >= 200) this.began(status, headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.received(chunk);
  }

  onResponseEnd(): void {
    this.ended();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.answered || this.settled) {
      this.broke(detailOf(error));
      return;
    }
    const { operation, isReplayable } = this.request;
    if (operation.isIdempotent && isReplayable && !this.#repeated && brokeWhileKept(error)) {
      this.#repeated = true;
      this.dispatch();
      return;
    }
    this.broke(detailOf(error));
  }
}

/** Made once: an abort is not a mistake that a stack would explain. */
const abortReason = new Error('stopped');

/** Errors of connections that had carried an answer before: the upstream may have closed one in the moment we took it. */
const brokenWhileKept = new WeakSet<Error>();

function brokeWhileKept(error: Error): boolean {
  if (brokenWhileKept.has(error)) return true;
  if (!('socket' in error)) return false;
  const { socket } = error;
  return typeof socket === 'object' && socket !== null && 'bytesRead' in socket && Number(socket.bytesRead) > 0;
}

function markingUsedSockets(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...result) => {
      const [, socket] = result;
      socket?.on('error', (error: Error) => {
        if (socket.bytesRead > 0) brokenWhileKept.add(error);
      });
      callback(...result);
    });
}

function detailOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return code + error.message;
}
