import { test } from 'vitest';
import { handOut, share } from './shared-value.js';

/**
 * Run with `npx vitest bench libs/core`.
 * Measures the protection of a response from changes: once per load (beside parsing it), once per hit, and when it is written as JSON.
 */
const page = {
  items: Array.from({ length: 50 }, (_, id) => ({
    id: `article-${id}`,
    name: `Article number ${id}`,
    price: { amount: id * 1.5, currency: 'EUR' },
    tags: ['new', 'sale'],
    stock: id % 2 === 0 ? { left: id } : null,
  })),
  next: null,
};
const text = JSON.stringify(page);
const plain: unknown = JSON.parse(text);
const frozen: unknown = share(JSON.parse(text));
const picture = share({ ok: true, value: Buffer.alloc(10_000) });

test(`a response of ${text.length} bytes`, async ({ bench }) => {
  await bench.compare(
    bench('parsed', () => void JSON.parse(text)),
    bench('parsed and frozen', () => void share(JSON.parse(text))),
    bench('copied by structuredClone', () => void structuredClone(plain)),
    bench('handed out frozen', () => void handOut(frozen)),
    bench('10 kB of bytes handed out as a copy', () => void handOut(picture)),
    bench('written as JSON, not frozen', () => void JSON.stringify(plain)),
    bench('written as JSON, frozen', () => void JSON.stringify(frozen)),
  );
});
