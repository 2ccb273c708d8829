import { share, standIn, type Outcome, type Success } from '@frontage/core';
import { estimateBytes } from './estimated-bytes.js';

/** Makes of the JSON bytes of a success what one of its readers uses: their projection, or their value. */
export interface KeptReader {
  read(bytes: Buffer): Outcome<unknown>;
}

/** Readings of one body that stay with it; screens that read the same response have one each. */
const mostReadings = 4;

interface Reading {
  readonly reader: KeptReader;
  readonly outcome: Outcome<unknown>;
  readonly size: number;
}

/**
 * The body of a JSON response as it arrived. Each reader reads it once: from then on a hit costs a look-up. The bytes are in a buffer
 * of their own, so that no larger one stays in memory with them.
 */
export class KeptBody {
  // Private, because `share` looks at what is not: a body is never copied for a request, and no request gets its bytes.
  readonly #bytes: Buffer;
  #readings: readonly Reading[] = [];
  #size: number;
  #grown: (() => void) | undefined;
  #first: { readonly reader: KeptReader; readonly outcome: Outcome<unknown> } | undefined;

  constructor(bytes: Buffer) {
    this.#bytes = bytes.byteLength === bytes.buffer.byteLength ? bytes : ownCopy(bytes);
    this.#size = overheadBytes + this.#bytes.byteLength;
  }

  /** As they arrived. Nobody changes them. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Estimated bytes in memory, with its readings. */
  get size(): number {
    return this.#size;
  }

  /** Notes what a reader has made of the bytes already. */
  wasRead(reader: KeptReader, value: unknown): void {
    this.#first = { reader, outcome: { ok: true, value } };
    this.#size += estimateBytes(value, Number.POSITIVE_INFINITY);
  }

  /** Calls `grown` when the size has changed, until another one is given. */
  whenGrown(grown: () => void): void {
    this.#grown = grown;
  }

  /**
   * The success with what a reader makes of its body, frozen; or the failure of the reader.
   * @param response the success whose value this body is
   */
  read(response: Success<unknown>, reader: KeptReader): Outcome<unknown> {
    for (const known of this.#readings) if (known.reader === reader) return known.outcome;
    const read = this.#first?.reader === reader ? this.#first.outcome : reader.read(this.#bytes);
    this.#first = undefined;
    const { headers } = response;
    const outcome = share(read.ok && headers !== undefined ? { ...read, headers } : read);
    standIn(outcome, response);
    const size = estimateBytes(outcome.ok ? outcome.value : outcome, Number.POSITIVE_INFINITY);
    this.#keep([{ reader, outcome, size }, ...this.#readings.slice(0, mostReadings - 1)]);
    return outcome;
  }

  /** Its readers read it again. */
  forget(): void {
    this.#first = undefined;
    this.#keep([]);
  }

  #keep(readings: readonly Reading[]): void {
    this.#readings = readings;
    this.#size = readings.reduce((sum, { size }) => sum + size, overheadBytes + this.#bytes.byteLength);
    this.#grown?.();
  }
}

const overheadBytes = 300;

function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

/** An outcome as one of its readers has it; any other outcome itself. */
export const readKept = (outcome: Outcome<unknown>, reader: KeptReader): Outcome<unknown> =>
  outcome.ok && outcome.value instanceof KeptBody ? outcome.value.read(outcome, reader) : outcome;

/** True for a value within a bound of bytes: those of a body that is kept as it arrived, or an estimate. */
export const fits = (value: unknown, maxBytes: number): boolean =>
  maxBytes === Number.POSITIVE_INFINITY ||
  (value instanceof KeptBody ? value.bytes.byteLength : estimateBytes(value, maxBytes)) <= maxBytes;
