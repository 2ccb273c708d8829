import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { channels, shownPath, type Clock, type Timer, type Warning } from '@frontage/core';

/** Time between two looks at a file, in milliseconds. */
const lookMs = 2_000;

export interface WatchedFileOptions<T> {
  readonly file: string;
  /** Words for messages: `the secret of "orders"`. */
  readonly what: string;
  /** @throws Error for a text that cannot be used; its message holds nothing of the text */
  readonly parse: (text: string) => T;
  readonly clock: Clock;
}

/**
 * The value in a file, such as a mounted secret, which may be replaced at any time: it is looked at every two seconds. The last good value
 * stays in use while the file cannot be read, and a warning says so once.
 */
export class WatchedFile<T> {
  readonly #options: WatchedFileOptions<T>;
  #value: T;
  #version = '';
  #timer: Timer;
  #isFailing = false;
  #isStopped = false;

  /** @throws Error that names the file, where it cannot be read or used */
  constructor(options: WatchedFileOptions<T>) {
    this.#options = options;
    this.#value = options.parse(textOf(options.file));
    this.#again();
  }

  get value(): T {
    return this.#value;
  }

  stop(): void {
    this.#isStopped = true;
    this.#options.clock.clearTimer(this.#timer);
  }

  #again(): void {
    if (this.#isStopped) return;
    this.#timer = this.#options.clock.setTimer(() => {
      this.#look().then(
        () => {
          this.#isFailing = false;
          this.#again();
        },
        (cause: unknown) => {
          if (!this.#isFailing) this.#warn(cause);
          this.#isFailing = true;
          this.#again();
        },
      );
    }, lookMs);
  }

  async #look(): Promise<void> {
    const { file, parse } = this.#options;
    // A symbolic link that leads elsewhere (Kubernetes) has another inode.
    const { ino, mtimeMs, size } = await stat(file);
    const version = `${ino} ${mtimeMs} ${size}`;
    if (version === this.#version) return;
    this.#value = parse(await readFile(file, 'utf8'));
    this.#version = version;
  }

  #warn(cause: unknown): void {
    const { file, what } = this.#options;
    const message = `${what} cannot be read again from ${shownPath(file)}: the one that was read last stays in use`;
    if (channels.warning.hasSubscribers)
      channels.warning.publish({ from: 'clients', message, cause } satisfies Warning);
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no file';
    throw new Error(`the file ${shownPath(file)} cannot be read (${code})`, { cause: error });
  }
}

/** @throws Error for anything but one line of visible ASCII */
export function oneLine(text: string): string {
  const line = text.replace(/\r?\n$/, '');
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(line)) return line;
  throw new Error('it does not hold one line of visible ASCII text');
}
