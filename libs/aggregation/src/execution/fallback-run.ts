import type { MissingStatus } from '@frontage/core';
import type { CallAsker } from '../run/run-state.js';
import type { MissingPart } from '../model/parts-report.js';

/** Asks for another operation in the name of a call that failed, whose failure is what the report names. */
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

  fellBack(at: number, value: unknown, { source, ageMs }: MissingPart): void {
    this.#asker.fellBack(at, value, { status: this.#status, source, ...(ageMs !== undefined && { ageMs }) });
  }

  failed(at: number): void {
    this.#asker.failed(at, this.#status);
  }

  /** Its own condition keeps it from standing in: the failure stays what it is. */
  ruledOut(at: number): void {
    this.#asker.failed(at, this.#status);
  }
}
