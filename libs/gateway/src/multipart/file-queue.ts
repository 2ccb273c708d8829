import type { Readable } from 'node:stream';
import type { ArrivedFile, FileSource } from '@frontage/clients';

/** Waits for the next event of one reader. */
class Bell {
  #ring: (() => void) | undefined;

  wait(): Promise<void> {
    return new Promise((resolve) => (this.#ring = resolve));
  }

  ring(): void {
    const ring = this.#ring;
    this.#ring = undefined;
    ring?.();
  }
}

/** One file of a form: what has arrived of it and was not read yet. */
class WaitingFile implements ArrivedFile {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string;
  readonly content: AsyncIterable<Uint8Array>;
  readonly #stream: Readable;
  readonly #queue: FileQueue;
  readonly #bell = new Bell();
  #chunks: Buffer[] = [];
  #ended = false;
  #dropped = false;

  constructor(queue: FileQueue, head: Omit<ArrivedFile, 'content'>, stream: Readable) {
    this.name = head.name;
    this.filename = head.filename;
    this.contentType = head.contentType;
    this.#queue = queue;
    this.#stream = stream;
    this.content = this.#read();
    stream.on('data', (chunk: Buffer) => {
      if (this.#dropped) return;
      this.#chunks.push(chunk);
      if (queue.grow(chunk.length)) stream.pause();
      this.#bell.ring();
    });
    stream.on('end', () => {
      this.#ended = true;
      this.#bell.ring();
    });
  }

  /** All of its bytes: only where the form has ended. */
  whole(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Lets the rest of it pass by. */
  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    for (const { length } of this.#chunks.splice(0)) this.#queue.shrink(length);
    this.#stream.resume();
  }

  /** The form has failed: its reader is told. */
  wake(): void {
    this.#bell.ring();
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      this.#queue.checkReadable();
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        if (!this.#queue.shrink(chunk.length)) this.#stream.resume();
        yield chunk;
      } else if (this.#ended) return;
      else await this.#bell.wait();
    }
  }
}

/**
 * The files of a form between the client that sends them and the call that passes them on. A bounded number of bytes waits here; where the
 * call is slower, the client waits.
 */
export class FileQueue implements FileSource {
  readonly #maxBytes: number;
  readonly #onFull: () => void;
  readonly #waiting: WaitingFile[] = [];
  readonly #bell = new Bell();
  #current: WaitingFile | undefined;
  #bytes = 0;
  #error: Error | undefined;
  #ended = false;

  /** @param onFull is called whenever more than `maxBytes` wait */
  constructor(maxBytes: number, onFull: () => void) {
    this.#maxBytes = maxBytes;
    this.#onFull = onFull;
  }

  get waiting(): readonly WaitingFile[] {
    return this.#waiting;
  }

  add(head: Omit<ArrivedFile, 'content'>, stream: Readable): void {
    this.#waiting.push(new WaitingFile(this, head, stream));
    this.#bell.ring();
  }

  /** No further file comes. */
  end(): void {
    this.#ended = true;
    this.#bell.ring();
  }

  /** Drops the pieces that wait, and gives the error to every reader. */
  fail(error: Error): void {
    this.#error ??= error;
    for (const file of [...this.#waiting, ...(this.#current === undefined ? [] : [this.#current])]) {
      file.drop();
      file.wake();
    }
    this.#bell.ring();
  }

  async next(names: ReadonlySet<string>): Promise<ArrivedFile | undefined> {
    this.#current?.drop();
    this.#current = undefined;
    for (;;) {
      this.checkReadable();
      const file = this.#waiting.shift();
      if (file !== undefined && names.has(file.name)) return (this.#current = file);
      if (file !== undefined) file.drop();
      else if (this.#ended) return undefined;
      else await this.#bell.wait();
    }
  }

  /** @throws the error that the form has failed with */
  checkReadable(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** @returns whether enough bytes wait */
  grow(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes <= this.#maxBytes) return false;
    this.#onFull();
    return true;
  }

  /** @returns whether enough bytes wait */
  shrink(bytes: number): boolean {
    this.#bytes -= bytes;
    return this.#bytes > this.#maxBytes;
  }
}
