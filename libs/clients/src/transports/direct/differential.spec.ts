import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dice } from './fixtures/dice.js';
import { compared, shortened } from './fixtures/disagreement.js';
import { writtenResponse } from './fixtures/written-response.js';

const casesPerRun = 100;

/** Longer than a million cases take on a busy machine; 20,000 take two seconds on a quiet one. */
const longestMs = 900_000;

describe('the reading of a response', () => {
  it('is what llhttp tells of it, as Node and undici have it, however the bytes arrive', { timeout: longestMs }, () => {
    let count = 0;
    let accepted = 0;
    let kept = 0;
    fc.assert(
      fc.property(fc.noBias(fc.integer()), (seed) => {
        const dice = new Dice(seed);
        for (let index = 0; index < casesPerRun; index++) {
          const written = writtenResponse(dice);
          const { ours, difference } = compared(written);
          if (difference !== undefined) {
            const least = shortened(written);
            throw new Error(`${compared(least).difference ?? difference}\nfor ${JSON.stringify(least)}`);
          }
          count++;
          if (ours.isComplete) accepted++;
          if (ours.keepsAlive) kept++;
        }
      }),
      { numRuns: 200, endOnFailure: true, interruptAfterTimeLimit: longestMs, markInterruptAsFailure: true },
    );
    // It would prove nothing about what is always refused.
    expect(accepted / count).toBeGreaterThan(0.2);
    expect(kept / count).toBeGreaterThan(0.1);
    if (process.env['FRONTAGE_FUZZ'] !== undefined)
      process.stdout.write(`${count} responses, ${accepted} of them accepted, ${kept} with their connection kept\n`);
  });
});
