import { isUtf8 } from 'node:buffer';
import {
  mediaKind,
  type Failure,
  type MediaKind,
  type OperationInfo,
  type Outcome,
  type ResponseSpec,
} from '@frontage/core';
import { maybeHasBigInteger, maybeHasHugeExponent, parseExactly } from './exact-numbers.js';
import { badPayload, failed } from './failures.js';
import { coversMedia, essenceOf } from './media.js';
import { retryAfterMs } from './retry-after.js';
import type { BigNumbers } from './upstream.options.js';

/** Header fields of an answer by lower-case name, as undici and node:http give them. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** How an answer of one status is read. */
export interface AnswerDecoder {
  /** `false`: the body is counted and dropped. */
  readonly wantsBody: boolean;
  decode(status: number, headers: ResponseHeaders, bytes: Buffer): Outcome<unknown>;
  /** Of a success with a body: the kind it is of, or what is wrong with its content type. */
  readonly kindOf?: (headers: ResponseHeaders) => { readonly kind: MediaKind } | string;
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
  const findReader = compileReaders(media, options.bigNumbers);
  return {
    wantsBody: true,
    decode(status, headers, bytes) {
      const reader = findReader(headers['content-type']);
      const body = typeof reader === 'string' ? reader : reader.read(bytes);
      return typeof body === 'string' ? badPayload(body, status) : body;
    },
    kindOf: (headers) => findReader(headers['content-type']),
  };
}

function failureDecoder(specs: readonly ResponseSpec[], options: DecodeOptions, isDeclared: boolean): AnswerDecoder {
  const media = specs.flatMap((spec) => (spec.media === undefined ? [] : [spec.media]));
  const findReader = media.length === 0 ? undefined : compileReaders(media, options.bigNumbers);
  return {
    wantsBody: findReader !== undefined,
    decode(status, headers, bytes) {
      const failure = failureOfStatus(status, isDeclared, headers, options);
      if (specs.length === 0 || status < 400) return failure;
      if (findReader === undefined) return { ...failure, declared: { status, body: undefined } };
      // A body that is not what was declared (the page of a proxy) says no more than its status does.
      const reader = findReader(headers['content-type']);
      const body = typeof reader === 'string' ? reader : reader.read(bytes);
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

interface Reader {
  readonly kind: MediaKind;
  readonly accepts: (contentType: string) => boolean;
  /** The value, or a sentence about what is wrong. */
  readonly read: (bytes: Buffer) => Body | string;
}

/** Finds the reader for a content type, or says what is wrong with it. */
type FindReader = (contentType: string | string[] | undefined) => Reader | string;

function compileReaders(media: readonly string[], bigNumbers: BigNumbers): FindReader {
  const readers = media.map((declared) => readerOf(declared, bigNumbers));
  // Upstreams say the same thing every time: the last good spelling is compared first.
  let knownType: string | undefined;
  let known: Reader | undefined;
  return (contentType) => {
    if (contentType !== undefined && contentType === knownType && known !== undefined) return known;
    if (typeof contentType !== 'string')
      return contentType === undefined ? 'has no content type' : 'has several content types';
    const reader = readers.find(({ accepts }) => accepts(contentType));
    if (reader === undefined) return `has content type ${contentType} where ${media.join(', ')} is declared`;
    knownType = contentType;
    // A range says nothing about how what it covers is read.
    known = reader.kind === 'binary' ? readerOf(essenceOf(contentType), bigNumbers) : reader;
    return known;
  };
}

function readerOf(declared: string, bigNumbers: BigNumbers): Reader {
  const kind = mediaKind(declared);
  switch (kind) {
    case 'json':
      // Error bodies are `application/problem+json` as often as not, whatever the contract says.
      return {
        kind,
        accepts: (contentType) => mediaKind(contentType) === 'json' && isUtf8Charset(contentType),
        read: jsonReader(bigNumbers),
      };
    case 'ndjson':
      return { kind, accepts: (contentType) => mediaKind(contentType) === 'ndjson', read: linesReader(bigNumbers) };
    case 'text':
    case 'form':
      return {
        kind,
        accepts: (contentType) => coversMedia(declared, contentType) && isUtf8Charset(contentType),
        read: (bytes) => (isUtf8(bytes) ? { ok: true, value: bytes.toString('utf8') } : 'is not UTF-8'),
      };
    default:
      return {
        kind,
        accepts: (contentType) => coversMedia(declared, contentType),
        read: (bytes) => ({ ok: true, value: bytes }),
      };
  }
}

function isUtf8Charset(contentType: string): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase();
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii';
}

function jsonReader(bigNumbers: BigNumbers): Reader['read'] {
  return (bytes) => {
    // Asked first, because decoding replaces what is no UTF-8 in silence.
    if (!isUtf8(bytes)) return 'is not UTF-8';
    const text = bytes.toString('utf8');
    try {
      if (!maybeHasBigInteger(bytes) && !maybeHasHugeExponent(bytes)) return { ok: true, value: JSON.parse(text) };
      const { value, found } = parseExactly(text);
      if (found !== undefined && bigNumbers === 'reject') return notANumber[found];
      return { ok: true, value };
    } catch {
      // A byte order mark comes here too: RFC 8259 section 8.1 has none sent.
      return bytes.length === 0 ? 'is empty' : 'is not JSON';
    }
  };
}

const notANumber = {
  integer: 'holds an integer beyond 2^53 - 1',
  exponent: 'holds a number that is too large or too small for a double',
};

/** Values one per line, or one after each U+001E. */
function linesReader(bigNumbers: BigNumbers): Reader['read'] {
  const readLine = lineReader(bigNumbers);
  return (bytes) => {
    const values: unknown[] = [];
    for (let start = 0; start < bytes.length;) {
      const newline = bytes.indexOf(0x0a, start);
      const end = newline === -1 ? bytes.length : newline;
      const line = readLine(bytes.subarray(start, end));
      if (typeof line === 'string') return line;
      if (line !== undefined) values.push(line.value);
      start = end + 1;
    }
    return { ok: true, value: values };
  };
}

/** Reads one line: its value, nothing where it is blank, or what is wrong with it. */
export function lineReader(bigNumbers: BigNumbers): (line: Buffer) => Body | string | undefined {
  const read = jsonReader(bigNumbers);
  return (line) => {
    let start = 0;
    let end = line.length;
    while (start < end && (isBlank(line[start]) || line[start] === 0x1e)) start++;
    while (end > start && isBlank(line[end - 1])) end--;
    if (start === end) return undefined;
    const body = read(line.subarray(start, end));
    return typeof body === 'string' ? `${body}, in one of its lines` : body;
  };
}

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0d || byte === 0x09;
