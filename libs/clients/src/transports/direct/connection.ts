import type { Socket } from 'node:net';
import type { Clock } from '@frontage/core';
import type { ResponseHeaders } from '../../decode/response-decoder.js';
import { detailOf } from '../error-detail.js';
import type { OpenSocket } from './open-socket.js';
import { defaultKeepAliveMs } from './response-fields.js';
import { ResponseReader, unaskedBytes, type ResponseSink } from './response-reader.js';

/** A request on a connection, and its response. */
export interface DirectExchange {
  /** No caller waits for it any longer. */
  readonly settled: boolean;
  /** Those of one group may travel together; `undefined` for one that travels alone. */
  readonly group: object | undefined;
  readonly isHead: boolean;
  readonly fields: ReadonlySet<string> | undefined; // Read beside those of HTTP itself, in lower case.
  readonly content: string | Uint8Array | undefined;
  /** Its connection is there. @returns the head to be written; `undefined` where the exchange has failed instead */
  start(connection: Connection, afterTarget: string): string | undefined;
  responseStarted(status: number, headers: ResponseHeaders): void;
  chunk(bytes: Buffer): void;
  end(): void;
  /** @param wasKept whether the connection had carried a response before: the other side may have closed it in the moment we took it */
  fail(detail: string, wasKept: boolean): void;
  /** It was sent behind another one, and its turn never came. It has no response, and is sent alone from now on. */
  resend(): void;
}

/** The owner of a connection. */
export interface ConnectionOwner {
  /** Of the head of every request. */
  readonly afterTarget: string;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
  readonly open: OpenSocket;
  /** Of the files of TLS that new connections use. */
  readonly tlsVersion: number;
  /** True if it may carry another request: its address may have left those of the name. */
  keeps(connection: Connection): boolean;
  /** It is there. @returns the requests that it carries first, which may be none */
  opened(): readonly DirectExchange[];
  /** It did not come about. @param detail what a request that waits is told; `undefined` where none needs to hear it */
  notOpened(detail: string | undefined): void;
  /** It may carry the next request. */
  release(connection: Connection): void;
  /** It is gone. */
  forget(connection: Connection): void;
  /** The other side has sent on it what no request had asked for. */
  distrust(): void;
}

const readBytes = 64 * 1_024;
/**
 * All connections read into it, each for as long as the callback of its read runs: bytes that a response keeps are copied. On Windows the
 * system may fill the buffers of several sockets before it tells.
 */
const sharedBuffer = process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(readBytes);

/** One HTTP/1.1 connection over a socket, and what it carries: one exchange, or several of one group in their order. */
export class Connection implements ResponseSink {
  /** The time that it may wait for its next request from its last response on. */
  keepAliveMs = 0;
  /** The same in monotonic milliseconds, once it may be taken. */
  idleUntil = 0;
  readonly tlsVersion: number;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #reader = new ResponseReader(this);
  /** The request whose response is being read. */
  #exchange: DirectExchange | undefined = undefined;
  /** Requests that were sent behind it. */
  #behind: DirectExchange[] = [];
  #isOpen = false;
  #isGone = false;
  #isPaused = false;
  #wasKept = false;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
    this.tlsVersion = owner.tlsVersion;
    const { clock, connectTimeoutMs } = owner;
    const buffer = sharedBuffer ?? Buffer.allocUnsafeSlow(readBytes);
    const timer = clock.setTimer(() => this.#fail(`no connection within ${connectTimeoutMs} ms`), connectTimeoutMs);
    const onOpen = (): void => {
      clock.clearTimer(timer);
      this.#opened();
    };
    this.#socket = owner
      .open({ buffer, callback: (size) => this.#read(buffer.subarray(0, size)) }, onOpen)
      .on('error', (error) => this.#fail(detailOf(error)))
      .once('end', () => this.#fail(this.#reader.finish()))
      .once('close', () => {
        clock.clearTimer(timer);
        this.#fail('closed');
      });
  }

  /** Carries it now. */
  send(exchange: DirectExchange): void {
    const head = exchange.start(this, this.#owner.afterTarget);
    if (head === undefined) {
      this.#wait(defaultKeepAliveMs);
      return;
    }
    this.#expect(exchange);
    const { content } = exchange;
    if (content === undefined) {
      this.#socket.write(head, 'latin1');
      return;
    }
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.#socket.write(content);
    this.#socket.uncork();
  }

  /** Carries them now, in one write. None of several has content. */
  sendTogether(exchanges: readonly DirectExchange[]): void {
    const [only] = exchanges;
    if (exchanges.length === 1 && only !== undefined) {
      this.send(only);
      return;
    }
    let heads = '';
    for (const exchange of exchanges) {
      const head = exchange.start(this, this.#owner.afterTarget);
      if (head === undefined) continue;
      heads += head;
      this.#behind.push(exchange);
    }
    const first = this.#behind.shift();
    if (first === undefined) {
      this.#wait(defaultKeepAliveMs);
      return;
    }
    this.#expect(first);
    this.#socket.write(heads, 'latin1');
  }

  /** No caller waits for one any longer. Its connection is closed if it is its turn; those behind it are sent again. */
  abandon(exchange: DirectExchange): void {
    if (exchange === this.#exchange) this.#fail(undefined);
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  /** Closes it; its requests get no further events. */
  destroy(): void {
    this.#fail(undefined);
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
  }

  began(status: number, headers: ResponseHeaders): void {
    this.#exchange?.responseStarted(status, headers);
  }

  received(chunk: Buffer): void {
    this.#exchange?.chunk(chunk);
  }

  ended(keepAliveMs: number): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#wasKept = true;
    // The reader of this response may be slow: the next request must not wait for it.
    if (this.#isPaused) this.resume();
    const next = this.#behind.shift();
    // A response before the end of its request means that the rest of the request is not wanted.
    const isSound = keepAliveMs > 0 && this.#socket.writableLength === 0 && this.#owner.keeps(this);
    if (next === undefined && isSound) this.#wait(keepAliveMs);
    // The time of the abandoned response is unknown.
    else if (next !== undefined && isSound && !next.settled) this.#expect(next);
    else {
      if (next !== undefined) this.#behind.unshift(next);
      this.#fail(undefined);
    }
    if (exchange === undefined) return;
    try {
      exchange.end();
    } catch (bug) {
      exchange.fail(detailOf(bug), false);
    }
  }

  #read(bytes: Buffer): boolean {
    try {
      const wrong = this.#reader.read(bytes);
      if (wrong !== undefined) this.#fail(wrong);
      if (wrong === unaskedBytes) this.#owner.distrust();
    } catch (bug) {
      // An error of the receiver of this response: it must end no other call.
      this.#fail(detailOf(bug));
    }
    return true;
  }

  #opened(): void {
    this.#isOpen = true;
    this.sendTogether(this.#owner.opened());
  }

  #expect(exchange: DirectExchange): void {
    this.#exchange = exchange;
    this.#reader.expect(!exchange.isHead, exchange.fields);
  }

  #wait(forMs: number): void {
    this.keepAliveMs = forMs;
    this.#owner.release(this);
  }

  /** @param detail what its exchange is told; `undefined` where that needs to hear nothing */
  #fail(detail: string | undefined): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#reader.close();
    this.#socket.destroy();
    const [exchange, behind] = [this.#exchange, this.#behind];
    this.#exchange = undefined;
    this.#behind = [];
    if (detail !== undefined) exchange?.fail(detail, this.#wasKept);
    for (const each of behind) if (!each.settled) each.resend();
    if (!this.#isOpen) this.#owner.notOpened(detail);
    // Only now, because what is sent again must not find everything closed.
    this.#owner.forget(this);
  }
}
