/** Connections to addresses that have left, until they are closed. */
export class Leaving {
  readonly #closing = new Set<Promise<void>>();

  add(closed: Promise<void>): void {
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
  }

  async ended(): Promise<void> {
    await Promise.all(this.#closing);
  }
}
