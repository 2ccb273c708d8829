import type { IRawProperty, Parameters } from 'fast-check';
import { vi } from 'vitest';

/** The factor of the number of runs of every property: `FRONTAGE_FUZZ`, which `npm run fuzz` sets. */
const factor = Number(process.env['FRONTAGE_FUZZ']);
if (!(factor >= 1)) throw new Error(`FRONTAGE_FUZZ is '${process.env['FRONTAGE_FUZZ']}': write a number from 1 on.`);

/** A property that is dear by itself ends earlier, with what it has found so far. Shorter than the longest timeout that a test states. */
const longestMs = 90_000;
/** Of fast-check, where a test says nothing. */
const usualRuns = 100;

// A test states its own number of runs, which goes before everything that fast-check can be told globally.
vi.mock('fast-check', async (importOriginal) => {
  const original = await importOriginal<typeof import('fast-check')>();
  const assert = <Values>(property: IRawProperty<Values>, parameters: Parameters<Values> = {}): Promise<void> | void =>
    original.assert(property, {
      interruptAfterTimeLimit: longestMs,
      ...parameters,
      numRuns: Math.ceil((parameters.numRuns ?? usualRuns) * factor),
    });
  return { ...original, assert, default: { ...original.default, assert } };
});
