import { readFile } from 'node:fs/promises';
import { channels, Reloader, versionOfFile, type Clock, type Warning } from '@frontage/core';
import type { KeySource } from '../options/sessions.options.js';
import { KeyRing } from './key-ring.js';

const reloadMs = 2_000;

/** Least characters of a secret: 32 random bytes in base64 have 44. */
const leastSecretLength = 32;

/**
 * Keys in a file, one secret a line; lines that begin with # are comments. The file may be replaced at any time.
 * @param others secrets that decrypt, beside those of the file
 */
export function keysInFile(file: string, others: readonly string[] = []): KeySource {
  return {
    version: () => versionOfFile(file),
    async read() {
      const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim());
      const secrets = lines.filter((line) => line !== '' && !line.startsWith('#'));
      if (secrets.length === 0) throw new TypeError(`${file} has no key; make one with "openssl rand -base64 32"`);
      if (secrets.some(({ length }) => length < leastSecretLength))
        throw new TypeError(
          `${file} has a key of less than ${leastSecretLength} characters; make one with "openssl rand -base64 32"`,
        );
      return [...secrets, ...others];
    },
  };
}

/** Keys that stay as they are. */
export const fixedKeys = (secrets: readonly string[]): KeySource => ({
  version: () => Promise.resolve(''),
  read: () => Promise.resolve(secrets),
});

/** The ring of an app, read again when its source changes. The last good one is used while the source cannot be read. */
export class LiveKeys {
  readonly #reloader: Reloader<KeyRing> | undefined;
  #ring: KeyRing;

  constructor(source: KeySource | undefined, app: string, clock: Clock) {
    // Replaced by the start, where there is a source.
    this.#ring = KeyRing.random(app);
    this.#reloader =
      source &&
      new Reloader({
        source: { version: () => source.version(), read: async () => new KeyRing(await source.read(), app) },
        everyMs: reloadMs,
        clock,
        take: (ring) => {
          this.#ring = ring;
        },
        failed: warn,
      });
  }

  get ring(): KeyRing {
    return this.#ring;
  }

  /** @throws Error (rejects) where the keys cannot be read, or are none */
  async start(): Promise<void> {
    await this.#reloader?.load();
    this.#reloader?.watch();
  }

  stop(): void {
    this.#reloader?.stop();
  }
}

function warn(cause: unknown): void {
  const message = 'the keys of sessions cannot be read: the keys that were read last stay in use';
  if (channels.warning.hasSubscribers) channels.warning.publish({ from: 'sessions', message, cause } satisfies Warning);
}
