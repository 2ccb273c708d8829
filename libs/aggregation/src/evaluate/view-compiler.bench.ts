import { expect, test } from 'vitest';
import { compileView } from './compile-view.js';
import { byHand, parsed, screenOfFive, values } from '../fixtures/home-five.js';

/** The cost of shaping beside the same by hand; both end as JSON. The parsing that precedes both takes several times as long. */
test('18 kB of parsed answers into 6 kB of JSON', async ({ bench }) => {
  const make = compileView(screenOfFive);
  const texts = JSON.stringify(parsed);
  let bytes = 0;
  await bench.compare(
    bench('by hand: map and JSON.stringify', () => {
      bytes += JSON.stringify(byHand(parsed)).length;
    }),
    bench('a compiled screen', () => {
      const made = make(values, {}, undefined);
      if (made.kind === 'made') bytes += made.body.length;
    }),
    bench('parsing, for comparison', () => {
      bytes += Number(JSON.parse(texts) !== null);
    }),
  );
  expect(bytes).toBeGreaterThan(0);
});
