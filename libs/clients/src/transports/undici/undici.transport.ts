import type { Dispatcher } from 'undici';
import { StreamedBody } from '../../encode/body-content.js';
import { Attempt, type AttemptLimits, type Settle } from '../../request/attempt.js';
import type { ResponseHeaders } from '../../decode/response-decoder.js';
import type { Address } from '../../policy/address.js';
import type { ResolvedUpstreamOptions } from '../../policy/upstream.options.js';
import type { UpstreamRequest } from '../../request/upstream-request.js';
import { maxInterimResponses, tooManyInterimResponses } from '../interim-responses.js';
import { Leaving } from '../leaving.js';
import type { ConnectionReport, Transport } from '../transport.js';
import { AddressPool, toldToAttempt, wasUsed } from './address-pool.js';

/** The fast transport: one pool of connections per address, and one handler object per attempt. */
export class UndiciTransport implements Transport {
  readonly #pools = new Map<Address, AddressPool>();
  readonly #leaving = new Leaving();
  readonly #options: ResolvedUpstreamOptions;
  readonly #limits: AttemptLimits;

  constructor(options: ResolvedUpstreamOptions, limits: AttemptLimits) {
    this.#options = options;
    this.#limits = limits;
    this.reach([options.addresses, ...options.ownAddresses.values()].flat());
  }

  reach(addresses: readonly Address[]): void {
    for (const address of addresses) {
      if (!this.#pools.has(address))
        this.#pools.set(address, new AddressPool(address.origin, this.#options, this.#limits));
    }
  }

  leave(addresses: readonly Address[]): void {
    for (const address of addresses) {
      const pool = this.#pools.get(address);
      this.#pools.delete(address);
      if (pool !== undefined) this.#leaving.add(pool.close());
    }
  }

  send(request: UpstreamRequest, settle: Settle): void {
    const pool = this.#pools.get(request.address);
    if (pool === undefined) throw new Error(`no connections to ${request.address.origin}`);
    new UndiciAttempt(pool, request, this.#limits, settle).dispatch();
  }

  connections(): readonly ConnectionReport[] {
    return Array.from(this.#pools.values()).flatMap((pool) => pool.connections() ?? []);
  }

  async close(): Promise<void> {
    this.#limits.tls?.stop();
    await Promise.all([this.#leaving.ended(), ...Array.from(this.#pools.values(), (pool) => pool.close())]);
  }
}

class UndiciAttempt extends Attempt implements Dispatcher.DispatchHandler {
  readonly #pool: AddressPool;
  #controller: Dispatcher.DispatchController | undefined = undefined;
  #repeated = false;
  #interimResponses = 0;

  constructor(pool: AddressPool, request: UpstreamRequest, limits: AttemptLimits, settle: Settle) {
    super(request, limits, settle);
    this.#pool = pool;
  }

  dispatch(): void {
    const { request } = this;
    const content = request.body?.content;
    request.waitFor(this);
    this.#pool.dispatch(
      {
        path: request.address.prefix === '' ? request.sentTarget : request.address.prefix + request.sentTarget,
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
    // RFC 9110 section 15.2: interim responses come before the final one.
    if (status >= 200) {
      this.began(status, headers);
      return;
    }
    this.#interimResponses++;
    if (this.#interimResponses <= maxInterimResponses) return;
    this.broke(tooManyInterimResponses);
    this.abort();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.received(chunk);
  }

  onResponseEnd(): void {
    this.ended();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    toldToAttempt(error);
    if (this.hasResponse || this.settled) {
      this.broke(detailOf(error));
      return;
    }
    const { operation, isReplayable } = this.request;
    if (operation.isIdempotent && isReplayable && !this.#repeated && wasUsed(error)) {
      this.#repeated = true;
      this.dispatch();
      return;
    }
    this.broke(detailOf(error));
  }
}

/** Made once: an abort is not a mistake that a stack would explain. */
const abortReason = new Error('stopped');

function detailOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return code + error.message;
}
