import { LogWriter } from './log-writer.js';

/** A block has room for a third more than it gathers, so that few lines end it early. */
const SPARE_ROOM = 4 / 3;
/**
 * Bytes that are written to a pipe at once, not mixed with those of other processes (PIPE_BUF of Linux): several that serve one app share
 * one standard output.
 */
const WHOLE_WRITE_BYTES = 4_096;
const MAX_WAIT_MS = 1_000;
const NO_BYTES = Buffer.alloc(0);

/**
 * Appends lines to a file or to standard output, many at a time: a write is handed to another thread and comes back, which costs more
 * than to make the lines. Lines are encoded into a block as they come, and two blocks take turns, so that a block in use leaves neither
 * texts nor memory to the collector. Lines that are still buffered at the exit of the process are written then.
 */
export class LogFile {
  readonly #fullAt: number;
  readonly #capacity: number;
  readonly #writer: LogWriter;
  readonly #timer: NodeJS.Timeout;
  readonly #onExit = (): void => this.writeNow();
  #block: Buffer | undefined;
  #used = 0;
  /** The block that is being written. It comes back, unless another one had to be made by then. */
  #lent: Buffer | undefined;
  #spare: Buffer | undefined;

  /**
   * @param to the path of a file; `/dev/stdout` is standard output
   * @param blockBytes gathered before they are written, up to 1 MiB; they never wait for longer than a second
   */
  constructor(to: 'stdout' | { readonly path: string }, blockBytes: number) {
    const toStdout = to === 'stdout' || to.path === '/dev/stdout';
    this.#capacity = toStdout ? WHOLE_WRITE_BYTES : Math.max(WHOLE_WRITE_BYTES, Math.ceil(blockBytes * SPARE_ROOM));
    this.#fullAt = Math.min(blockBytes, this.#capacity / SPARE_ROOM);
    this.#writer = new LogWriter(toStdout ? 'stdout' : to, (block) => this.#takeBack(block));
    this.#timer = setInterval(() => this.#hand(), MAX_WAIT_MS).unref();
    process.once('exit', this.#onExit);
  }

  /** Lines lost because they could not be written. */
  get lost(): number {
    return this.#writer.lost;
  }

  write(line: string): void {
    // A unit of a text takes three bytes at most.
    if (this.#used + line.length * 3 > this.#capacity) {
      const bytes = Buffer.byteLength(line);
      if (this.#used + bytes > this.#capacity) this.#hand();
      if (bytes > this.#capacity) return this.#writer.write(Buffer.from(line));
    }
    this.#block ??= Buffer.allocUnsafeSlow(this.#capacity);
    this.#used += this.#block.write(line, this.#used);
    if (this.#used >= this.#fullAt) this.#hand();
  }

  /**
   * Writes what is gathered before it returns. For a process that ends: it waits for a slow reader, three seconds at most, and one for a
   * reader that does not read.
   */
  writeNow(): void {
    this.#writer.writeNow(this.#takeGathered());
  }

  /** Resolves when everything is written and the file is closed, or a second after the last write that was taken. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    process.off('exit', this.#onExit);
    this.#writer.write(this.#takeGathered());
    await this.#writer.end();
  }

  #hand(): void {
    this.#writer.write(this.#takeGathered());
  }

  #takeGathered(): Buffer {
    const used = this.#used;
    const block = this.#block;
    this.#used = 0;
    if (block === undefined) return NO_BYTES;
    // Few bytes do not hold a whole block for as long as they wait.
    if (used < this.#capacity / 2) return Buffer.from(block.subarray(0, used));
    this.#lent = block;
    this.#block = this.#spare;
    this.#spare = undefined;
    return block.subarray(0, used);
  }

  #takeBack(written: Buffer): void {
    if (written.buffer !== this.#lent?.buffer) return;
    this.#spare = this.#lent;
    this.#lent = undefined;
  }
}
