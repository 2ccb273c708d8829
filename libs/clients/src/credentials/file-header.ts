import type { CredentialSource } from './credential-source.js';
import type { WatchedFile } from './watched-file.js';

/** A header whose value stands in a file. */
export class FileHeader implements CredentialSource {
  readonly isPerCaller = false;
  readonly header: string;
  readonly #secret: WatchedFile<string>;
  readonly #scheme: string;

  /** @param scheme the word before the secret, such as `Bearer`; empty for none */
  constructor(header: string, secret: WatchedFile<string>, scheme = '') {
    this.header = header;
    this.#secret = secret;
    this.#scheme = scheme === '' ? '' : `${scheme} `;
  }

  valueFor(): string {
    return this.#scheme + this.#secret.value;
  }
}
