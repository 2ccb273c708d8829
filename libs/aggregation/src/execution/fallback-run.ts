import type { MissingStatus, ResponseFields } from '@frontage/core';
import type { CallAsker } from '../run/run-state.js';
import type { MissingPart } from '../model/parts-report.js';

/** Asks for another operation after a call failed. The report names the failure of that call. */
export class FallbackAsker implements CallAsker {
  readonly #asker: CallAsker;
  readonly #status: MissingStatus;

  constructor(asker: CallAsker, status: MissingStatus) {
    this.#asker = asker;
    this.#status = status;
  }

  succeeded(at: number, value: unknown): void {
    this.#asker.fellBack(at, value, { status: this.#status, source: 'operation' });
  }

  fellBack(at: number, value: unknown, { source, ageMs }: MissingPart, headers?: ResponseFields): void {
    const missing = { status: this.#status, source, ...(ageMs !== undefined && { ageMs }) };
    this.#asker.fellBack(at, value, missing, headers);
  }

  failed(at: number): void {
    this.#asker.failed(at, this.#status);
  }

  /** Its own condition rules the fallback out: the failure stays. */
  ruledOut(at: number): void {
    this.#asker.failed(at, this.#status);
  }
}
