/** An item together with its index and the items around it. */
export class ItemFrame {
  readonly value: unknown;
  /** Its index, after those of the items around it: `2`, `1.0`. */
  readonly at: string;
  readonly outer: ItemFrame | undefined;

  constructor(value: unknown, at: string, outer: ItemFrame | undefined) {
    this.value = value;
    this.at = at;
    this.outer = outer;
  }
}
