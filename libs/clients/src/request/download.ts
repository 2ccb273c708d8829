import { table } from '@frontage/core';
import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { CallScope } from '@frontage/context';
import type { Cancellation, Clock, Failure, MediaKind, OperationInfo, Timer } from '@frontage/core';
import type { ResponseHeaders } from '../decode/response-decoder.js';
import { isIdentity } from '../decode/decompress.js';
import { failed, stoppedBy } from '../failures/failures.js';
import { UpstreamError } from '../failures/upstream.errors.js';

/** The response of an operation whose body is passed on as it arrives. Read it, or destroy `body`: until then its connection is taken. */
export class Download {
  readonly status: number;
  readonly contentType: string | undefined;
  /** In bytes, where the upstream says so. */
  readonly contentLength: number | undefined;
  /** As it came: `attachment; filename="invoice.pdf"`. */
  readonly contentDisposition: string | undefined;
  readonly kind: MediaKind;
  /** The bytes. It has back-pressure, and fails with an {@link UpstreamError}. */
  readonly body: Readable;

  constructor(status: number, headers: ResponseHeaders, kind: MediaKind, bytes: Readable) {
    this.status = status;
    this.contentType = textOf(headers['content-type']);
    this.contentDisposition = textOf(headers['content-disposition']);
    this.kind = kind;
    this.body = unpacked(headers['content-encoding'], bytes);
    const length = this.body === bytes ? textOf(headers['content-length']) : undefined;
    this.contentLength = length === undefined ? undefined : Number(length);
  }

  /** A success without a body. */
  static empty(status: number): Download {
    return new Download(status, { 'content-length': '0' }, 'binary', Readable.from([]));
  }
}

/** The controls of an attempt for the reader of its response. */
export interface DownloadSource {
  pause(): void;
  resume(): void;
  /** Closes the connection of a response that is not read further. */
  abort(): void;
}

/** The call whose answer is handed on. */
export interface DownloadedCall {
  readonly operation: { readonly info: OperationInfo };
  readonly scope: Pick<CallScope, 'cancellation'>;
}

export interface DownloadLimits {
  readonly clock: Clock;
  /** The time for which the upstream may be silent while its body is waited for, in milliseconds; at least 1. */
  readonly idleTimeoutMs: number;
}

/** The end of a download: how it went, for the record of the call and for the place that it held. */
type Ended = (failure: Failure | undefined) => void;

/** The bytes of one response on their way from a transport to a reader; neither is ever ahead of the other by more than one buffer. */
export class Downloading {
  readonly body: Readable;
  readonly #call: DownloadedCall;
  readonly #source: DownloadSource;
  readonly #limits: DownloadLimits;
  readonly #ended: Ended[];
  readonly #cancellation: Cancellation;
  #timer: Timer;
  #lastAt: number;
  #paused = false;
  #done = false;

  constructor(call: DownloadedCall, source: DownloadSource, limits: DownloadLimits, ended: Ended) {
    this.#call = call;
    this.#source = source;
    this.#limits = limits;
    this.#ended = [ended];
    this.#cancellation = call.scope.cancellation;
    this.#lastAt = limits.clock.now();
    this.body = new Readable({
      read: () => {
        if (!this.#paused) return;
        this.#paused = false;
        this.#lastAt = limits.clock.now();
        source.resume();
      },
      destroy: (error, done) => {
        if (!this.#done) {
          this.#end(failed('the download was not read to its end'));
          source.abort();
        }
        done(error);
      },
    });
    this.body.on('error', unheard);
    this.#cancellation.onCancel(this.#cancel);
    if (!this.#done) this.#watch(limits.idleTimeoutMs);
  }

  /** Settles when the response is complete or broken. */
  onEnd(ended: Ended): void {
    this.#ended.push(ended);
  }

  received(chunk: Buffer): void {
    if (this.#done) return;
    this.#lastAt = this.#limits.clock.now();
    if (this.body.push(chunk)) return;
    this.#paused = true;
    this.#source.pause();
  }

  complete(): void {
    if (this.#done) return;
    this.#end(undefined);
    this.body.push(null);
  }

  fail(failure: Failure): void {
    if (this.#done) return;
    this.#end(failure);
    this.#source.abort();
    this.body.destroy(new UpstreamError(this.#call.operation.info, failure));
  }

  readonly #cancel = (): void => {
    this.fail(stoppedBy(this.#cancellation.reason ?? 'client_gone'));
  };

  /** One timer, set anew only when it rings: bytes arrive far more often. */
  #watch(inMs: number): void {
    const { clock, idleTimeoutMs } = this.#limits;
    this.#timer = clock.setTimer(() => {
      // Without a reader, the upstream is not the slow side.
      const idleMs = this.#paused ? 0 : clock.now() - this.#lastAt;
      if (idleMs >= idleTimeoutMs) this.fail(stoppedBy('own_timeout'));
      else this.#watch(Math.ceil(idleTimeoutMs - idleMs));
    }, inMs);
  }

  #end(failure: Failure | undefined): void {
    this.#done = true;
    this.#limits.clock.clearTimer(this.#timer);
    this.#cancellation.offCancel(this.#cancel);
    for (const ended of this.#ended) ended(failure);
  }
}

type Coding = string | string[] | undefined;

/** True if the coding of a body can be undone while it arrives. */
export function isUnpackable(coding: Coding): boolean {
  return isIdentity(coding) || unpackerOf(coding) !== undefined;
}

function unpacked(coding: Coding, bytes: Readable): Readable {
  const unpack = isIdentity(coding) ? undefined : unpackerOf(coding)?.();
  if (unpack === undefined) return bytes;
  unpack.on('error', unheard);
  bytes.once('error', (error) => unpack.destroy(error));
  unpack.once('close', () => bytes.destroy());
  return bytes.pipe(unpack);
}

const unpackers: Readonly<Record<string, (() => Transform) | undefined>> = table({
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
});

function unpackerOf(coding: Coding): (() => Transform) | undefined {
  return typeof coding === 'string' ? unpackers[coding.trim().toLowerCase()] : undefined;
}

/** An error of an abandoned download is ignored; a reader still gets it. */
const unheard = (): void => {};

function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
