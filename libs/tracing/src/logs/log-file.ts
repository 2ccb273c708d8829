import { LogWriter } from './log-writer.js';

const MAX_WRITE_BYTES = 1024 * 1024;
/**
 * Bytes that are written to a pipe at once, not mixed with those of other processes (PIPE_BUF of Linux): several that serve one app share
 * one standard output.
 */
const WHOLE_WRITE_BYTES = 4_096;
const MAX_WAIT_MS = 1_000;

/**
 * Appends lines to a file or to standard output, many at a time: a write is handed to another thread and comes back, which costs more
 * than to make the lines. Lines that are still buffered at the exit of the process are written then.
 */
export class LogFile {
  readonly #blockBytes: number;
  readonly #maxWriteBytes: number;
  readonly #writer: LogWriter;
  readonly #timer: NodeJS.Timeout;
  readonly #onExit = (): void => this.writeNow();
  #gathered = '';
  #gatheredBytes = 0;

  /**
   * @param to the path of a file; `/dev/stdout` is standard output
   * @param blockBytes gathered before they are written, up to 1 MiB; they never wait for longer than a second
   */
  constructor(to: 'stdout' | { readonly path: string }, blockBytes: number) {
    const toStdout = to === 'stdout' || to.path === '/dev/stdout';
    this.#maxWriteBytes = toStdout ? WHOLE_WRITE_BYTES : MAX_WRITE_BYTES;
    this.#blockBytes = Math.min(blockBytes, this.#maxWriteBytes * 0.75);
    this.#writer = new LogWriter(toStdout ? 'stdout' : to);
    this.#timer = setInterval(() => this.#hand(), MAX_WAIT_MS).unref();
    process.once('exit', this.#onExit);
  }

  /** Lines lost because they could not be written. */
  get lost(): number {
    return this.#writer.lost;
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#gatheredBytes + bytes > this.#maxWriteBytes) this.#hand();
    this.#gathered += line;
    this.#gatheredBytes += bytes;
    if (this.#gatheredBytes >= this.#blockBytes) this.#hand();
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

  #takeGathered(): string {
    const lines = this.#gathered;
    this.#gathered = '';
    this.#gatheredBytes = 0;
    return lines;
  }
}
