import { expect, it } from 'vitest';
import { PlanBench } from '../fixtures/plan-runs.js';
import { getStock, searchStock } from '../fixtures/stock-shop.js';
import { given } from '../model/schema.js';
import { batch } from '../plan/batch.js';
import { plan } from '../plan/plan.js';
import { required } from '../plan/verbs.js';
import { compilePlan } from './compile-plan.js';
import type { CallTerms } from './bind.js';

const input = { skus: given<string[]>() };
const bounds = { by: 'sku', size: 2, maxCount: 5 } as const;

function rowsOf(compiled: Parameters<typeof compilePlan>[0]): CallTerms['rows'] {
  const bound: CallTerms[] = [];
  const bind = (_: unknown, terms: CallTerms) => {
    bound.push(terms);
    return () => expect.fail('no call is made');
  };
  const { clock, lastGood } = new PlanBench();
  compilePlan(compiled, { bind, clock, lastGood });
  return bound[0]?.rows;
}

it('a bulk call is bound with the place of its keys and of its rows', () => {
  const byQuery = plan('by.query', { input, deadlineMs: 100 }, ({ skus }) => ({
    stock: batch(skus, (sku) => required(getStock, { query: { sku } }), bounds),
  }));
  expect(rowsOf(byQuery)).toEqual({ at: ['query', 'sku'], by: 'sku' });
  const byBody = plan('by.body', { input, deadlineMs: 100 }, ({ skus }) => ({
    stock: batch(skus, (sku) => required(searchStock, { body: { skus: sku } }), { ...bounds, items: 'rows' }),
  }));
  expect(rowsOf(byBody)).toEqual({ at: ['body', 'skus'], by: 'sku', items: 'rows' });
});

it('a call by itself has no rows', () => {
  const alone = plan('alone', { input, deadlineMs: 100 }, ({ skus }) => ({
    stock: required(getStock, { query: { sku: skus } }),
  }));
  expect(rowsOf(alone)).toBeUndefined();
});
