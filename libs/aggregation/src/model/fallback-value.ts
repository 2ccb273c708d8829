import { copyDeep, handOut, isHandedOut, share, unknownInstanceIn } from '@frontage/core';

/**
 * A value that a plan declares and that every request gets: a copy of the declared value, so that a request and the plan's module cannot
 * change it for each other.
 */
export class FallbackValue {
  readonly #shared: unknown;

  /**
   * @param what names the value in the message
   * @throws {TypeError} where it holds an instance of a class, which can be neither frozen as a whole nor copied
   */
  constructor(value: unknown, what: string) {
    const instance = unknownInstanceIn(value);
    if (instance !== undefined)
      throw new TypeError(
        `${what} holds an instance of ${instance}, which every request would share and could change: write plain data (objects, lists, Map, Set, Date, bytes)`,
      );
    this.#shared = share(copyDeep(value));
  }

  /** For one request: the frozen value, or a copy where it holds a Map, a Date or bytes. */
  get value(): unknown {
    return handOut(this.#shared);
  }

  /** True if a value came from {@link value}. */
  isOrigin(value: unknown): boolean {
    return isHandedOut(value, this.#shared);
  }
}
