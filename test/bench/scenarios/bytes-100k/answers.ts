import { product, range, type Answers } from '../values.js';

/** One response of about 100 kB, of which a third is kept. */
export const answers = (variant: number): Answers => ({
  '/catalogue': { items: range(220, (i) => product(variant, i + 100)) },
});
