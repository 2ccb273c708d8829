import type { ResponseHeaders } from '../../decode/response-decoder.js';
import { copyOf, HeldBytes } from './held-bytes.js';
import { readFields, type Fields } from './response-fields.js';
import {
  chunkSizePattern,
  connectionPattern,
  fieldPattern,
  framingPattern,
  headPattern,
  statusLinePattern,
} from './response-lines.js';
import { maxInterimResponses, tooManyInterimResponses } from '../interim-responses.js';

/** The receiver of the contents of a response. Its callbacks may close the reader. */
export interface ResponseSink {
  /** Of the final response: interim ones before it (RFC 9110 section 15.2) are skipped. */
  began(status: number, headers: ResponseHeaders): void;
  /** `chunk` is the sink's own. */
  received(chunk: Buffer): void;
  /** @param keepAliveMs how long the connection may wait for its next request; 0 where it must be closed */
  ended(keepAliveMs: number): void;
}

/** Of status line and header fields, and of the lines between chunks. */
const maxHeadBytes = 16_384;
/** Of chunk extensions in one response, which no bound on its body counts. */
const maxExtensionBytes = 16_384;
const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');

/** The error for bytes between two responses. */
export const unaskedBytes = 'sent more than it was asked for';

type Reading =
  // Between two responses, and closed.
  'nothing' | 'closed' | 'head' | 'body' | 'body until close' | 'chunk size' | 'chunk' | 'chunk end' | 'trailer';

/**
 * Reads the responses of one HTTP/1.1 connection (RFC 9112). It accepts one spelling of each element and refuses the rest: two lengths, a length
 * beside a coding, folded lines, bare line feeds, any coding but `chunked`. Responses are split through bytes
 * that two sides read differently, so no ambiguous byte is accepted.
 */
export class ResponseReader {
  readonly #sink: ResponseSink;
  #wanted: ReadonlySet<string> | undefined = undefined;
  #reading: Reading = 'nothing';
  #hasBody = true;
  readonly #held = new HeldBytes();
  /** The place where its end may begin in what is being read. */
  #searchFrom = 0;
  /** Bytes of the body or the chunk that are still to come. */
  #left = 0;
  #trailerBytes = 0;
  #extensionBytes = 0;
  #interimResponses = 0;
  #keepAliveMs = 0;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /**
   * Expects the response of a request that was sent.
   * @param hasBody `false` for HEAD (RFC 9112 section 6.3)
   * @param wanted fields that are kept beside those of HTTP itself, in lower case
   */
  expect(hasBody: boolean, wanted?: ReadonlySet<string>): void {
    this.#reading = 'head';
    this.#hasBody = hasBody;
    this.#wanted = wanted;
    this.#extensionBytes = 0;
    this.#interimResponses = 0;
  }

  /** Takes no more: its connection is being closed. */
  close(): void {
    this.#reading = 'closed';
    this.#held.clear();
  }

  /**
   * @param bytes are read before this returns, and may be overwritten afterwards
   * @returns what is wrong with them; the connection must be closed then
   */
  read(bytes: Buffer): string | undefined {
    const held = this.#held.length;
    const input = held === 0 ? bytes : this.#held.before(bytes);
    this.#searchFrom = held - headEnd.length + 1;
    for (let at = 0; at < input.length;) {
      const next = this.#step(input, at);
      if (typeof next === 'string') return next;
      if (next === undefined) return undefined;
      at = next;
    }
    return undefined;
  }

  /** The other side has closed. @returns what is wrong with that */
  finish(): string | undefined {
    if (this.#reading !== 'body until close') return 'other side closed';
    this.#end(0);
    return undefined;
  }

  /** @returns where to go on, `undefined` to wait for more, or what is wrong */
  #step(input: Buffer, at: number): number | string | undefined {
    switch (this.#reading) {
      case 'closed':
        return undefined;
      case 'nothing':
        return unaskedBytes;
      case 'head': {
        const end = input.indexOf(headEnd, Math.max(at, this.#searchFrom));
        if (end === -1 || end - at > maxHeadBytes) return this.#keep(input, at);
        return this.#head(input.toString('latin1', at, end)) ?? end + headEnd.length;
      }
      case 'body':
      case 'chunk':
        return this.#body(input, at);
      case 'body until close':
        this.#sink.received(copyOf(input, at, input.length));
        return input.length;
      default: {
        const end = input.indexOf(lineEnd, Math.max(at, this.#searchFrom));
        if (end === -1 || end - at > maxHeadBytes) return this.#keep(input, at);
        return this.#line(input.toString('latin1', at, end)) ?? end + lineEnd.length;
      }
    }
  }

  /** Waits for the end of what begins at `at`. */
  #keep(input: Buffer, at: number): string | undefined {
    if (input.length - at > maxHeadBytes) return `sent a head of more than ${maxHeadBytes} bytes`;
    this.#held.keep(input, at);
    return undefined;
  }

  #head(text: string): string | undefined {
    if (!headPattern.test(text))
      return statusLinePattern.test(text) ? 'sent a field that is none' : 'does not speak HTTP/1.1';
    const fields = readFields(text, text.indexOf('\r\n'), this.#wanted);
    if (typeof fields === 'string') return fields;
    // Three digits, by the pattern.
    const status = (text.charCodeAt(9) - 0x30) * 100 + (text.charCodeAt(10) - 0x30) * 10 + text.charCodeAt(11) - 0x30;
    if (status === 100 || status === 101) return `sent status ${status}, which nobody had asked for`;
    const isNewest = text.charCodeAt(7) === 0x31;
    if (status < 200) {
      if (!isNewest || fields.keepAliveMs === 0) return 'sent an interim response that ends the connection';
      this.#interimResponses++;
      return this.#interimResponses > maxInterimResponses ? tooManyInterimResponses : undefined;
    }
    return this.#begin(status, fields, isNewest);
  }

  #begin(status: number, fields: Fields, isNewest: boolean): string | undefined {
    const { length, isChunked } = fields;
    // RFC 9112 section 6.3: these never have a body, also if they declare one.
    const isEmpty = !this.#hasBody || status === 204 || status === 304;
    // An upstream that declares a body here may have sent one: it would be read as the next response.
    const isSound = this.#hasBody ? !isEmpty || (!isChunked && !(length > 0)) : false;
    this.#keepAliveMs = isNewest && isSound ? fields.keepAliveMs : 0;
    if (isEmpty || length === 0) this.#reading = 'nothing';
    else if (isChunked) this.#reading = 'chunk size';
    else if (length > 0) {
      this.#reading = 'body';
      this.#left = length;
    } else {
      this.#reading = 'body until close';
      this.#keepAliveMs = 0;
    }
    const reading = this.#reading;
    this.#sink.began(status, fields.headers);
    if (reading === 'nothing') this.#end(this.#keepAliveMs);
    return undefined;
  }

  #body(input: Buffer, at: number): number | undefined {
    const end = Math.min(input.length, at + this.#left);
    this.#left -= end - at;
    const isLast = this.#left === 0;
    const isWhole = this.#reading === 'body';
    this.#sink.received(copyOf(input, at, end));
    if (isLast && isWhole) this.#end(this.#keepAliveMs);
    else if (isLast) this.#turn('chunk end');
    return end;
  }

  #line(text: string): string | undefined {
    switch (this.#reading) {
      case 'chunk size': {
        if (!chunkSizePattern.test(text)) return 'sent a chunk without a size';
        const size = /^[0-9A-Fa-f]+/.exec(text)?.[0] ?? '';
        this.#extensionBytes += text.length - size.length;
        if (this.#extensionBytes > maxExtensionBytes) {
          return `sent chunk extensions of more than ${maxExtensionBytes} bytes`;
        }
        this.#left = Number.parseInt(size, 16);
        this.#trailerBytes = 0;
        this.#reading = this.#left === 0 ? 'trailer' : 'chunk';
        return undefined;
      }
      case 'chunk end':
        this.#reading = 'chunk size';
        return text === '' ? undefined : 'sent a chunk that is longer than its size';
      default:
        if (text === '') {
          this.#end(this.#keepAliveMs);
          return undefined;
        }
        this.#trailerBytes += text.length;
        if (this.#trailerBytes > maxHeadBytes) return `sent a trailer of more than ${maxHeadBytes} bytes`;
        if (!fieldPattern.test(text)) return 'sent a field that is none';
        if (framingPattern.test(text)) return 'sent a trailer that frames a message';
        if (connectionPattern.test(text)) this.#keepAliveMs = 0;
        return undefined;
    }
  }

  #end(keepAliveMs: number): void {
    if (this.#reading === 'closed') return;
    this.#reading = 'nothing';
    this.#held.rest();
    this.#sink.ended(keepAliveMs);
  }

  /** The sink may have closed the reader meanwhile. */
  #turn(reading: Reading): void {
    if (this.#reading !== 'closed') this.#reading = reading;
  }
}
