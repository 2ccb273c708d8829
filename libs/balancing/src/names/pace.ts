import type { Clock } from '@frontage/core';

/** Number of questions that are sent at once, and then after each pause. Their answers fit into the receive buffer of one UDP socket. */
const batch = 64;
const pauseMs = 10;

/** Spreads a burst of questions, because name servers and the kernel drop packets that come too fast. No question waits for the answer to another. */
export class Pace {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #left = batch;
  #isPausing = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the next question may be sent. */
  async turn(): Promise<void> {
    if (!this.#isPausing) this.#pause();
    if (this.#left > 0) {
      this.#left--;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #pause(): void {
    this.#isPausing = true;
    this.#clock.setTimer(() => {
      this.#left = batch;
      this.#isPausing = this.#waiting.length > 0;
      for (const go of this.#waiting.splice(0, batch)) {
        this.#left--;
        go();
      }
      if (this.#isPausing) this.#pause();
    }, pauseMs);
  }
}
