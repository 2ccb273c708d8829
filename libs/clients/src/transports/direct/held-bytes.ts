const nothing: Buffer = Buffer.alloc(0);
/** A connection that waits for its next request has no more memory than this. */
const keptBytes = 2_048;

/** The begin of a head or a line whose end has not come yet. */
export class HeldBytes {
  #memory = nothing;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @param input may be what `before` has returned */
  keep(input: Buffer, from: number): void {
    const length = input.length - from;
    if (this.#memory.length < length) this.#memory = copyOf(input, from, input.length);
    else input.copy(this.#memory, 0, from);
    this.#length = length;
  }

  /** Bytes that come one by one are not all copied again each time. @returns what was kept, with `bytes` behind it, and keeps nothing */
  before(bytes: Buffer): Buffer {
    const length = this.#length + bytes.length;
    if (this.#memory.length < length) {
      const larger = Buffer.allocUnsafe(length + (length >> 1));
      this.#memory.copy(larger, 0, 0, this.#length);
      this.#memory = larger;
    }
    bytes.copy(this.#memory, this.#length);
    this.#length = 0;
    return this.#memory.subarray(0, length);
  }

  /** Between two responses. */
  rest(): void {
    if (this.#memory.length > keptBytes) this.clear();
  }

  clear(): void {
    this.#memory = nothing;
    this.#length = 0;
  }
}

/** Input is overwritten by the next read. */
export function copyOf(input: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  input.copy(copy, 0, start, end);
  return copy;
}
