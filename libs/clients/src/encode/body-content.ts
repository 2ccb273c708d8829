import { Readable } from 'node:stream';
import { EncodeError, kindOf } from './encode-value.js';

/** Bytes in any form. A stream is sent as it is read, never held in memory, and belongs to the call from then on. */
export type Binary = Uint8Array | Blob | Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

export interface FilePartOptions {
  /** The name that the other side is told. @default that of a `File`, or the name of the part */
  readonly filename?: string;
  /** @default that of a `Blob`, or what the contract says, or `application/octet-stream` */
  readonly contentType?: string;
  /** Header fields of this part alone. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One file of a `multipart/form-data` body, where its name, type or headers are not what they would be by themselves. Its bytes can be read:
 * `for await (const chunk of part)`.
 */
export class FilePart implements AsyncIterable<Uint8Array> {
  readonly content: Binary | string;
  readonly options: FilePartOptions;

  constructor(content: Binary | string, options: FilePartOptions = {}) {
    this.content = content;
    this.options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { content } = this;
    if (typeof content === 'string') yield Buffer.from(content);
    else if (content instanceof Uint8Array) yield content;
    else yield* content instanceof Blob ? content.stream() : content;
  }
}

export function isBinary(value: unknown): value is Binary {
  return value instanceof Uint8Array || value instanceof Blob || isAsyncIterable(value);
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Bytes as a body is made of: where all of them are at hand, they are one piece. */
export function contentOf(pieces: readonly Binary[]): Uint8Array | StreamedBody {
  const bytes = pieces.filter((piece) => piece instanceof Uint8Array);
  if (bytes.length < pieces.length) return new StreamedBody(pieces);
  const [only] = bytes;
  return bytes.length === 1 && only !== undefined ? only : Buffer.concat(bytes);
}

/** A body that is read while it is sent. */
export class StreamedBody {
  /** In bytes; `undefined` if it is unknown before the end. */
  readonly length: number | undefined;
  /** True if it can be read from its beginning once more. */
  readonly isReplayable: boolean;
  readonly #pieces: readonly Binary[];
  readonly #sources: readonly unknown[];
  #opened = false;
  #sourceFailed = false;

  /** @param sources what is read for the pieces, where it is not the pieces themselves */
  constructor(pieces: readonly Binary[], sources: readonly unknown[] = pieces) {
    this.#pieces = pieces;
    this.#sources = sources;
    this.isReplayable = pieces.every((piece) => piece instanceof Uint8Array || piece instanceof Blob);
    let length: number | undefined = 0;
    for (const piece of pieces) {
      const size = piece instanceof Uint8Array ? piece.length : piece instanceof Blob ? piece.size : undefined;
      length = length === undefined || size === undefined ? undefined : length + size;
    }
    this.length = length;
  }

  /** True if the bytes could not be had: no fault of the upstream. */
  get sourceFailed(): boolean {
    return this.#sourceFailed;
  }

  /** The bytes from the beginning. Destroying what it gives stops the reading. */
  open(): Readable {
    this.#opened = true;
    return Readable.from(this.#read(), { objectMode: false });
  }

  /** Lets go of what was not read. */
  close(): void {
    for (const source of this.#sources) {
      if (source instanceof Readable) source.destroy();
      else if (source instanceof ReadableStream) {
        // Locked while it is read; its reader cancels it then.
        if (!source.locked) void source.cancel().catch(() => undefined);
      } else if (!this.#opened && isAsyncIterable(source)) void endOf(source);
    }
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    for (const piece of this.#pieces) {
      if (piece instanceof Uint8Array) {
        // A chunk of no bytes would end the stream.
        if (piece.length > 0) yield piece;
        continue;
      }
      yield* this.#readSource(piece instanceof Blob ? piece.stream() : piece);
    }
  }

  async *#readSource(source: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
    let isOurs = true;
    try {
      for await (const chunk of source) {
        const bytes = bytesOf(chunk);
        isOurs = false;
        if (bytes.length > 0) yield bytes;
        isOurs = true;
      }
    } catch (error) {
      if (isOurs) this.#sourceFailed = true;
      throw error;
    }
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  throw new EncodeError(`a stream gave ${kindOf(chunk)} where bytes are taken`);
}

/** Tells an iterable that no further value is needed. */
async function endOf(source: AsyncIterable<unknown>): Promise<void> {
  try {
    await source[Symbol.asyncIterator]().return?.();
  } catch {
    // An error while it is released has no receiver any more.
  }
}

/** The body of one request as it is sent. */
export interface EncodedBody {
  readonly contentType: string;
  readonly content: string | Uint8Array | StreamedBody;
}
