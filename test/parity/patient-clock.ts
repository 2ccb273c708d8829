import { ManualClock } from '@frontage/testing';

/** The longest pause before a call is tried again, in milliseconds; every timeout here is longer. */
const longestPauseMs = 250;
/** Longer than breakers and budgets of retries remember, in milliseconds. */
const memoryMs = 11_000;

/**
 * A clock that a test turns, for apps before real sockets: nothing is late, however busy the machine is, but where a test says so. It
 * begins at the time of day, because tokens are dated by that.
 */
export class PatientClock extends ManualClock {
  constructor() {
    super(Date.now());
  }

  /** Waits for a response, and skips the pauses before retries. */
  async throughPauses<T>(answer: Promise<T>): Promise<T> {
    const state = { isOpen: true };
    const close = (): void => {
      state.isOpen = false;
    };
    answer.then(close, close);
    while (state.isOpen) {
      const nextInMs = this.nextInMs ?? Infinity;
      await this.advance(nextInMs <= longestPauseMs ? nextInMs : 0);
    }
    return answer;
  }

  /** Resets breakers, budgets and limits after a test. */
  forget(): Promise<void> {
    return this.advance(memoryMs);
  }
}
