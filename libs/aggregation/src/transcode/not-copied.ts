/** Thrown while templates are made, and caught where the member begins: why it is computed from parsed values instead of copied. */
export class NotCopied extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotCopied';
  }
}
