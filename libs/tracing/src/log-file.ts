import { destination } from 'pino';

/** Lines that wait for a slow disk or pipe; beyond it they are dropped, and the gateway goes on. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const MAX_WRITE_BYTES = 1024 * 1024;
/**
 * What is written to a pipe at once, and not in parts between those of other processes (PIPE_BUF of Linux): several that serve one app share
 * one standard output.
 */
const WHOLE_WRITE_BYTES = 4_096;
const MAX_WAIT_MS = 1_000;

/**
 * Appends lines to a file or to standard output, many at a time: a write is handed to another thread and comes back, which costs more
 * than to make the lines. Whatever is gathered when the process exits is written then.
 */
export class LogFile {
  readonly #blockBytes: number;
  readonly #maxWriteBytes: number;
  readonly #file: ReturnType<typeof destination>;
  readonly #timer: NodeJS.Timeout;
  readonly #onExit = (): void => this.writeNow();
  #gathered = '';
  #gatheredBytes = 0;
  #lost = 0;
  #isEnded = false;

  /**
   * @param to the path of a file
   * @param blockBytes gathered before they are written, up to 1 MiB; they never wait for longer than a second
   */
  constructor(to: 'stdout' | { readonly path: string }, blockBytes: number) {
    this.#maxWriteBytes = to === 'stdout' ? WHOLE_WRITE_BYTES : MAX_WRITE_BYTES;
    this.#blockBytes = Math.min(blockBytes, this.#maxWriteBytes * 0.75);
    this.#file = destination({
      dest: to === 'stdout' ? 1 : to.path,
      sync: false,
      mkdir: true,
      // It writes when told to, and of itself only what has piled up behind a slow write.
      minLength: this.#maxWriteBytes - 1,
      maxWrite: this.#maxWriteBytes,
      maxLength: MAX_WAITING_BYTES,
    });
    this.#file.on('drop', (lines: string) => (this.#lost += lines.split('\n').length - 1));
    // A log that cannot be written is no reason to stop answering. Each time is counted.
    this.#file.on('error', () => this.#lost++);
    this.#timer = setInterval(() => this.#hand(), MAX_WAIT_MS).unref();
    // Before that there is nothing to write to.
    this.#file.once('ready', () => {
      if (!this.#isEnded) process.once('exit', this.#onExit);
    });
  }

  /** Lines lost because they could not be written. */
  get lost(): number {
    return this.#lost;
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#gatheredBytes + bytes > this.#maxWriteBytes) this.#hand();
    this.#gathered += line;
    this.#gatheredBytes += bytes;
    if (this.#gatheredBytes >= this.#blockBytes) this.#hand();
  }

  /** Writes what is gathered before it returns. For a process that ends: it waits for the disk. */
  writeNow(): void {
    this.#file.write(this.#takeGathered());
    this.#file.flushSync();
  }

  /** Resolves when everything is written and the file is closed. */
  end(): Promise<void> {
    this.#isEnded = true;
    clearInterval(this.#timer);
    process.off('exit', this.#onExit);
    this.#file.write(this.#takeGathered());
    return new Promise((resolve) => {
      this.#file.once('close', resolve);
      // Ended and not flushed: a flush during a write comes back when that write is done, not when all is.
      this.#file.end();
    });
  }

  #hand(): void {
    this.#file.write(this.#takeGathered());
    this.#file.flush();
  }

  #takeGathered(): string {
    const lines = this.#gathered;
    this.#gathered = '';
    this.#gatheredBytes = 0;
    return lines;
  }
}
