/** Times of log lines, `2026-01-01T00:00:00.000Z`: the text of a second is made once. */
export class IsoTime {
  /** The second that was written last, in milliseconds, and its text up to the point. */
  #secondAt = Number.NaN;
  #second = '';

  /** @param wallTime milliseconds since 1970 */
  of(wallTime: number): string {
    const at = Math.floor(wallTime);
    const ms = at % 1000;
    if (at - ms !== this.#secondAt) {
      this.#secondAt = at - ms;
      this.#second = new Date(this.#secondAt).toISOString().slice(0, -4);
    }
    return `${this.#second}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`;
  }
}
