import { expect, test } from 'vitest';
import { compileInJavaScript } from '../javascript/javascript-engine.js';
import { compileProjection } from '../index.js';
import { byHand, productTexts, productsSpec } from '../fixtures/products.js';

/** The cost of reading and writing a list of products, for bytes that differ each time and for bytes that repeat. */
test('11 kB of products into 4 kB', async ({ bench }) => {
  const texts = productTexts((title) => title);
  const other = productTexts((title) => title.replaceAll('o', 'ö').replaceAll('a', '漢'));
  const [projection, reference] = [compileProjection(productsSpec()), compileInJavaScript(productsSpec())];
  let [round, bytes] = [0, 0];
  const next = (of: readonly Buffer[]): Buffer => of[round++ % of.length] ?? Buffer.alloc(0);
  const length = (made: readonly (string | undefined)[] | undefined): number => made?.[0]?.length ?? 0;

  await bench.compare(
    bench('by hand: JSON.parse, map, JSON.stringify', () => {
      bytes += byHand(next(texts)).length;
    }),
    bench('a projection', () => {
      bytes += length(projection.project(next(texts)));
    }),
    bench('a projection of texts that are not ASCII', () => {
      bytes += length(projection.project(next(other)));
    }),
    bench('a projection of bytes that repeat', () => {
      bytes += length(projection.project(texts[0] ?? Buffer.alloc(0)));
    }),
    bench('a projection in JavaScript', () => {
      bytes += length(reference.project(next(texts)));
    }),
  );
  expect(bytes).toBeGreaterThan(0);
});
