import { isUtf8 } from 'node:buffer';
import type { Failure, OperationInfo, Outcome, ResponseSpec } from '@frontage/core';
import { maybeHasBigInteger, parseBigIntegersAsText } from './big-integers.js';
import { isJsonMedia } from './encode-style.js';
import { badPayload, failed } from './failures.js';
import { retryAfterMs } from './retry-after.js';
import type { BigNumbers } from './upstream.options.js';

/** Header fields of an answer by lower-case name, as undici and node:http give them. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** How an answer of one status is read. */
export interface AnswerDecoder {
  /** `false`: the body is counted and dropped. */
  readonly wantsBody: boolean;
  decode(status: number, headers: ResponseHeaders, bytes: Buffer): Outcome<unknown>;
}

/** Decided at boot from what the contract declares; one look-up per answer. */
export interface Decoder {
  answerTo(status: number): AnswerDecoder;
}

export interface DecodeOptions {
  readonly bigNumbers: BigNumbers;
  /** Milliseconds since 1970: `Retry-After` may be a date. */
  readonly wallTime: () => number;
}

export function compileDecoder(operation: OperationInfo, options: DecodeOptions): Decoder {
  const known = new Map<number, AnswerDecoder>();
  const decoderOf = (status: number): AnswerDecoder => {
    const specs = specsFor(operation.responses, status);
    return status < 300
      ? successDecoder(operation, specs, options)
      : failureDecoder(
          specs,
          options,
          specs.some((spec) => spec.status !== 'default'),
        );
  };
  return {
    answerTo(status) {
      let decoder = known.get(status);
      if (decoder === undefined) {
        // Three digits by the grammar of HTTP: the table stays below a thousand entries.
        decoder = decoderOf(status);
        known.set(status, decoder);
      }
      return decoder;
    },
  };
}

/** OpenAPI 3.1 section 4.8.16: the explicit code wins over its range, the range over `default`. */
function specsFor(responses: readonly ResponseSpec[], status: number): readonly ResponseSpec[] {
  const range = `${Math.floor(status / 100)}XX`;
  for (const name of [String(status), range, 'default']) {
    const specs = responses.filter((response) => response.status.toUpperCase() === name.toUpperCase());
    if (specs.length > 0) return specs;
  }
  return [];
}

function successDecoder(
  operation: OperationInfo,
  specs: readonly ResponseSpec[],
  options: DecodeOptions,
): AnswerDecoder {
  // `default` describes the success only where nothing else does.
  const declaresSuccess = operation.responses.some((response) => response.status.startsWith('2'));
  if (specs.length === 0 || (declaresSuccess && specs.every((spec) => spec.status === 'default'))) {
    return { wantsBody: false, decode: (status) => badPayload(`status ${status} is not declared`, status) };
  }
  const media = specs.flatMap((spec) => (spec.media === undefined ? [] : [spec.media]));
  if (media.length === 0 || operation.method === 'HEAD') {
    const nothing: Outcome<undefined> = Object.freeze({ ok: true, value: undefined });
    return { wantsBody: false, decode: () => nothing };
  }
  const readBody = compileBodyReader(media, options.bigNumbers);
  return {
    wantsBody: true,
    decode(status, headers, bytes) {
      const body = readBody(headers['content-type'], bytes);
      return typeof body === 'string' ? badPayload(body, status) : body;
    },
  };
}

function failureDecoder(specs: readonly ResponseSpec[], options: DecodeOptions, isDeclared: boolean): AnswerDecoder {
  const media = specs.flatMap((spec) => (spec.media === undefined ? [] : [spec.media]));
  const readBody = media.length === 0 ? undefined : compileBodyReader(media, options.bigNumbers);
  return {
    wantsBody: readBody !== undefined,
    decode(status, headers, bytes) {
      const failure = failureOfStatus(status, isDeclared, headers, options);
      if (specs.length === 0 || status < 400) return failure;
      if (readBody === undefined) return { ...failure, declared: { status, body: undefined } };
      // A body that is not what was declared (the page of a proxy) says no more than its status does.
      const body = readBody(headers['content-type'], bytes);
      return typeof body === 'string' ? failure : { ...failure, declared: { status, body: body.value } };
    },
  };
}

function failureOfStatus(
  status: number,
  isDeclared: boolean,
  headers: ResponseHeaders,
  options: DecodeOptions,
): Failure {
  const detail = `answered with status ${status}`;
  switch (status) {
    case 404:
      // Not declared, it rather means that we ask the wrong address than that the resource is gone.
      if (!isDeclared) break;
      return { ok: false, status: 'not_found', code: 'GW_NOT_FOUND', detail, upstreamStatus: status };
    case 401:
    case 403:
      return { ok: false, status: 'forbidden', code: 'GW_UPSTREAM_REFUSED', detail, upstreamStatus: status };
    case 408:
      return { ok: false, status: 'timeout', code: 'GW_UPSTREAM_TIMEOUT', detail, upstreamStatus: status };
    case 429:
    case 503: {
      const waitMs = retryAfterMs(headers['retry-after'], options.wallTime());
      const failure = failed(detail, status);
      return waitMs === undefined ? failure : { ...failure, retryAfterMs: waitMs };
    }
  }
  return failed(status < 400 ? `${detail}: redirects are not followed` : detail, status);
}

interface Body {
  readonly ok: true;
  readonly value: unknown;
}

/** Reads a body, or says in a sentence what is wrong with it. */
type ReadBody = (contentType: string | string[] | undefined, bytes: Buffer) => Body | string;
type ReadBytes = (bytes: Buffer) => Body | string;

function compileBodyReader(media: readonly string[], bigNumbers: BigNumbers): ReadBody {
  const readers = media.map((declared) => ({ accepts: acceptorOf(declared), read: readerOf(declared, bigNumbers) }));
  // Upstreams say the same thing every time: the last good spelling is compared first.
  let knownType: string | undefined;
  let knownReader: ReadBytes | undefined;
  return (contentType, bytes) => {
    if (contentType !== undefined && contentType === knownType && knownReader !== undefined) return knownReader(bytes);
    if (typeof contentType !== 'string')
      return contentType === undefined ? 'has no content type' : 'has several content types';
    const reader = readers.find(({ accepts }) => accepts(contentType));
    if (reader === undefined) return `has content type ${contentType} where ${media.join(', ')} is declared`;
    knownType = contentType;
    knownReader = reader.read;
    return reader.read(bytes);
  };
}

function acceptorOf(declared: string): (contentType: string) => boolean {
  if (isJsonMedia(declared)) return (contentType) => isJsonMedia(contentType) && isUtf8Charset(contentType);
  const essence = essenceOf(declared);
  const isText = essence.startsWith('text/');
  if (essence === '*/*') return () => true;
  if (essence.endsWith('/*')) return (contentType) => essenceOf(contentType).startsWith(essence.slice(0, -1));
  return (contentType) => essenceOf(contentType) === essence && (!isText || isUtf8Charset(contentType));
}

function essenceOf(media: string): string {
  return (media.split(';')[0] ?? media).trim().toLowerCase();
}

function isUtf8Charset(contentType: string): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase();
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii';
}

function readerOf(declared: string, bigNumbers: BigNumbers): ReadBytes {
  if (isJsonMedia(declared)) return jsonReader(bigNumbers);
  if (essenceOf(declared).startsWith('text/')) {
    return (bytes) => (isUtf8(bytes) ? { ok: true, value: bytes.toString('utf8') } : 'is not UTF-8');
  }
  return (bytes) => ({ ok: true, value: bytes });
}

function jsonReader(bigNumbers: BigNumbers): ReadBytes {
  return (bytes) => {
    // Asked first, because decoding replaces what is no UTF-8 in silence.
    if (!isUtf8(bytes)) return 'is not UTF-8';
    const text = bytes.toString('utf8');
    try {
      if (!maybeHasBigInteger(bytes)) return { ok: true, value: JSON.parse(text) };
      const { value, found } = parseBigIntegersAsText(text);
      if (found && bigNumbers === 'reject') return 'holds an integer beyond 2^53 - 1';
      return { ok: true, value };
    } catch {
      // A byte order mark comes here too: RFC 8259 section 8.1 has none sent.
      return bytes.length === 0 ? 'is empty' : 'is not JSON';
    }
  };
}
