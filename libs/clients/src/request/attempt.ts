import type { ResponseHead } from '@frontage/caching';
import { channels, type Clock, type Failure, type Names, type Outcome } from '@frontage/core';
import type { CallEnded, CallRecord } from '@frontage/context';
import type { ClientTls } from '../credentials/client-tls.js';
import { StreamedBody } from '../encode/body-content.js';
import type { ResponseDecoder, ResponseHeaders } from '../decode/response-decoder.js';
import { decompress, isIdentity } from '../decode/decompress.js';
import { Download, Downloading, isUnpackable } from './download.js';
import { badPayload, failed, isCancellation, unreadableBody, unsentFailure } from '../failures/failures.js';
import type { StoppableWork, UpstreamRequest } from './upstream-request.js';

export type Settle = (outcome: Outcome<unknown>) => void;

/** Settings of every attempt to one upstream. */
export interface AttemptLimits {
  /** Its name, for what is told of its connections. */
  readonly upstream: string;
  readonly clock: Clock;
  /** Of one response, before and after decompression. */
  readonly maxBodyBytes: number;
  /** A response must carry our own `x-request-id` back. */
  readonly mustEchoRequestId: boolean;
  /** Gives the addresses of names. @default the system, by `dns.lookup` */
  readonly names?: Names | undefined;
  /** @default that of Node */
  readonly tls?: ClientTls | undefined;
}

const nothing = Buffer.alloc(0);

/** The outcome of a conditional request whose stored response still holds. Only its identity says something. */
export const notModified: Outcome<unknown> = Object.freeze({ ok: true, value: undefined });

/**
 * One attempt on the wire. A transport tells it what arrives: `began`, `received` as often as bytes come, and `ended` or `broke` once.
 * It keeps the bounds, reads the response, closes the record, and settles once: later events are ignored.
 */
export abstract class Attempt implements StoppableWork {
  readonly request: UpstreamRequest;
  readonly #limits: AttemptLimits;
  readonly #settle: Settle;
  #settled = false;
  #status = 0;
  #headers: ResponseHeaders = {};
  #decoder: ResponseDecoder | undefined = undefined;
  #size = 0;
  #first: Buffer | undefined = undefined;
  #chunks: Buffer[] | undefined = undefined;
  #download: Downloading | undefined = undefined;

  constructor(request: UpstreamRequest, limits: AttemptLimits, settle: Settle) {
    this.request = request;
    this.#limits = limits;
    this.#settle = settle;
  }

  /** Closes the connection under an attempt that has been settled. */
  abstract abort(): void;
  /** No more bytes until `resume`. */
  abstract pause(): void;
  abstract resume(): void;

  get settled(): boolean {
    return this.#settled;
  }

  /** True if any byte of the response arrived. */
  get hasResponse(): boolean {
    return this.#status !== 0;
  }

  stop(): void {
    this.#end(this.request.stopFailure);
    this.abort();
  }

  protected began(status: number, headers: ResponseHeaders): void {
    if (this.#settled) return;
    this.#status = status;
    this.#headers = headers;
    this.#decoder = this.request.operation.decoder.decoderFor(status);
    const { keptFields } = this.request.operation;
    if (keptFields !== undefined)
      this.request.head = headOf(this.request, status, headers, keptFields, this.#limits.clock);
    if (this.#limits.mustEchoRequestId && headers['x-request-id'] !== sentRequestId(this.request.headers)) {
      this.#refuse(badPayload('does not echo our x-request-id: it may belong to another request', status));
      return;
    }
    if (status >= 300 && status < 400) this.request.location = locationOf(headers);
    if (this.request.scope.context.tokenKey !== undefined) noteNonce(this.request, headers);
    const { groupField } = this.request.operation;
    if (groupField !== undefined) groupField.take(this.request, fieldOf(headers[groupField.name]));
    if (this.request.method === 'HEAD') return;
    if (this.request.idleTimeoutMs !== undefined && this.#decoder.kindOf !== undefined) {
      this.#handOn(this.#decoder.kindOf(headers), this.request.idleTimeoutMs);
      return;
    }
    // A body whose declared size is too large is not read.
    if (Number(headers['content-length']) > this.#limits.maxBodyBytes) this.#refuse(this.#tooLarge());
  }

  protected received(chunk: Buffer): void {
    if (this.#settled) {
      this.#download?.received(chunk);
      return;
    }
    this.#size += chunk.length;
    if (this.#size > this.#limits.maxBodyBytes) {
      this.#refuse(this.#tooLarge());
      return;
    }
    if (this.#decoder?.wantsBody !== true) return;
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#chunks === undefined) this.#chunks = [this.#first, chunk];
    else this.#chunks.push(chunk);
  }

  protected ended(): void {
    if (this.#settled) {
      this.#download?.complete();
      return;
    }
    const decoder = this.#decoder;
    if (decoder === undefined) {
      this.#end(failed('ended without a response'));
      return;
    }
    if (this.#status === 304 && this.request.validators.length > 0) {
      this.#end(notModified);
      return;
    }
    const bytes = this.#chunks === undefined ? (this.#first ?? nothing) : Buffer.concat(this.#chunks, this.#size);
    const coding = this.#headers['content-encoding'];
    if (coding === undefined || !decoder.wantsBody || isIdentity(coding)) {
      this.#end(decoder.decode(this.#status, this.#headers, bytes));
      return;
    }
    decompress(coding, bytes, this.#limits.maxBodyBytes, (error, unpacked) => {
      if (this.#settled) return;
      this.#end(
        error === undefined ? decoder.decode(this.#status, this.#headers, unpacked) : badPayload(error, this.#status),
      );
    });
  }

  /** The connection failed, or the bytes were no HTTP. */
  protected broke(detail: string): void {
    if (this.#settled) {
      this.#download?.fail(failed(detail));
      return;
    }
    const content = this.request.body?.content;
    const isOurs = content instanceof StreamedBody && content.sourceFailed;
    const failure = isOurs ? unreadableBody(`the body could not be read: ${detail}`) : failed(detail);
    this.#end(this.request.reached ? failure : unsentFailure(failure));
  }

  /** Settles with a response that is still arriving. */
  #handOn(media: ReturnType<NonNullable<ResponseDecoder['kindOf']>>, idleTimeoutMs: number): void {
    if (typeof media === 'string') {
      this.#refuse(badPayload(media, this.#status));
      return;
    }
    const { request } = this;
    const { record } = request;
    const coding = this.#headers['content-encoding'];
    if (!isUnpackable(coding)) {
      this.#refuse(badPayload(`has content coding ${String(coding)}`, this.#status));
      return;
    }
    const downloading = new Downloading(request, this, { clock: this.#limits.clock, idleTimeoutMs }, (failure) => {
      if (record !== undefined) this.#close(record, failure ?? { ok: true, value: undefined });
    });
    this.#settled = true;
    this.#download = downloading;
    request.download = downloading;
    request.waitFor(undefined);
    request.sent = false;
    this.#settle({ ok: true, value: new Download(this.#status, this.#headers, media.kind, downloading.body) });
  }

  #tooLarge(): Failure {
    return badPayload(`is larger than ${this.#limits.maxBodyBytes} bytes`, this.#status);
  }

  #refuse(failure: Failure): void {
    this.#end(failure);
    this.abort();
  }

  #end(outcome: Outcome<unknown>): void {
    if (this.#settled) return;
    this.#settled = true;
    const { request } = this;
    request.waitFor(undefined);
    request.sent = false;
    if (request.record !== undefined) this.#close(request.record, outcome);
    this.#settle(outcome);
  }

  #close(record: CallRecord, outcome: Outcome<unknown>): void {
    const { context } = this.request.scope;
    record.endedAt = this.#limits.clock.now();
    record.status = this.#status;
    record.outcome = outcome.ok ? 'ok' : isCancellation(this.request.stopReason) ? 'cancelled' : outcome.status;
    if (channels.callEnded.hasSubscribers) channels.callEnded.publish({ context, record } satisfies CallEnded);
  }
}

/** Of a server that gets the proof of a key with the token. */
function noteNonce(request: UpstreamRequest, { 'dpop-nonce': nonce }: ResponseHeaders): void {
  if (typeof nonce === 'string' && !request.isElsewhere)
    request.scope.context.tokenKey?.takeNonce(request.address.origin, nonce);
}

/** The fields of a response by which it is kept. A redirect that led to it has terms of its own, which are not known any more. */
function headOf(
  { isRedirected, record }: UpstreamRequest,
  status: number,
  headers: ResponseHeaders,
  names: ReadonlySet<string>,
  clock: Clock,
): ResponseHead | undefined {
  if (isRedirected) return undefined;
  const fields = Object.fromEntries(
    [...names].flatMap((name) => (Object.hasOwn(headers, name) ? [[name, headers[name]] as const] : [])),
  );
  const receivedAt = clock.now();
  return { status, fields, requestedAt: record?.startedAt ?? receivedAt, receivedAt, wallTime: clock.wallTime() };
}

/** An argument may have replaced ours. */
function sentRequestId(sent: readonly string[]): string | undefined {
  const at = sent.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'x-request-id');
  return at === -1 ? undefined : sent[at + 1];
}

/** RFC 9110 section 5.3: fields of one name are one list. */
const fieldOf = (field: ResponseHeaders[string]): string | undefined =>
  typeof field === 'string' ? field : field?.join(', ');

function locationOf(headers: ResponseHeaders): string | undefined {
  const { location } = headers;
  return typeof location === 'string' ? location : undefined;
}
