import { stat } from 'node:fs/promises';
import type { Clock, Timer } from './clock.js';

/** Values that are stored elsewhere and may change at any time: a file, a table of the shared store. */
export interface ChangingSource<T> {
  /** A text that changes with the values. It is asked for often, so it is cheap. */
  version(): Promise<string>;
  /** @throws (rejects) where the values cannot be read, or cannot be used */
  read(): Promise<T>;
}

export interface ReloaderOptions<T> {
  readonly source: ChangingSource<T>;
  /** Time between two looks at the source, in milliseconds. */
  readonly everyMs: number;
  readonly clock: Clock;
  /** Called with the values at the start, and after each change. */
  readonly take: (values: T) => void;
  /** Called when a look fails, and not again until a look succeeded. The values that were taken last stay in use. */
  readonly failed: (cause: unknown) => void;
}

/** Keeps values as new as their source: it looks again and again in the background, so that no request waits. */
export class Reloader<T> {
  readonly #options: ReloaderOptions<T>;
  #version: string | undefined;
  #timer: Timer;
  #isFailing = false;
  #isStopped = false;

  constructor(options: ReloaderOptions<T>) {
    this.#options = options;
  }

  /**
   * Reads the values for the first time.
   * @throws Error (rejects) where they cannot be read
   */
  async load(): Promise<void> {
    const { source, take } = this.#options;
    const version = await source.version();
    if (version === this.#version) return;
    const values = await source.read();
    // Changed while it was read: that can be half of the old and half of the new.
    if ((await source.version()) !== version) throw new Error('it changed while it was read');
    if (this.#isStopped) return;
    take(values);
    this.#version = version;
  }

  /** Looks for changes until {@link stop}. */
  watch(): void {
    if (this.#isStopped) return;
    const { clock, everyMs } = this.#options;
    this.#timer = clock.setTimer(() => void this.#look(), everyMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#options.clock.clearTimer(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      await this.load();
      this.#isFailing = false;
    } catch (cause) {
      if (!this.#isFailing && !this.#isStopped) this.#options.failed(cause);
      this.#isFailing = true;
    }
    this.watch();
  }
}

/** A text that changes with a file. A symbolic link that leads elsewhere (Kubernetes) has another inode. @throws where there is no file */
export async function versionOfFile(file: string): Promise<string> {
  const { ino, mtimeMs, size } = await stat(file);
  return `${ino} ${mtimeMs} ${size}`;
}
