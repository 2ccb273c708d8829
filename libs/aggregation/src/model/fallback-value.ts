import { copyDeep, handOut, isHandedOut, share, unknownInstanceIn } from '@frontage/core';

/**
 * A value that a plan declares and that all requests are handed: a copy of what was written, so that nothing a request or the plan's
 * module does to one changes the other.
 */
export class FallbackValue {
  readonly #shared: unknown;

  /**
   * @param what for the message
   * @throws {TypeError} where it holds an instance of a class, which can be neither frozen whole nor copied
   */
  constructor(value: unknown, what: string) {
    const instance = unknownInstanceIn(value);
    if (instance !== undefined)
      throw new TypeError(
        `${what} holds an instance of ${instance}, which every request would share and could change: write plain data (objects, lists, Map, Set, Date, bytes)`,
      );
    this.#shared = share(copyDeep(value));
  }

  /** For one request: frozen, or a copy of its own where it holds a Map, a Date, bytes. */
  get value(): unknown {
    return handOut(this.#shared);
  }

  /** Whether a value came from {@link value}. */
  isOrigin(value: unknown): boolean {
    return isHandedOut(value, this.#shared);
  }
}
