import { expect, it } from 'vitest';
import { budgetExcess, budgetOf } from './budgets.js';

const cost = { screen: 'tv.home', bytes: 100, calls: 5, criticalPathMs: 800, waves: 2 };

it('a budget of a screen replaces that of all screens, figure by figure', () => {
  const budgets = { calls: 4, waves: 2, screens: { 'tv.home': { calls: 5 }, 'tv.cart': { waves: 1 } } };
  expect(budgetOf(budgets, 'tv.home')).toEqual({ calls: 5, waves: 2 });
  expect(budgetOf(budgets, 'constructor')).toEqual({ calls: 4, waves: 2 });
});

it('a figure is above its budget only where it is greater, and is known', () => {
  expect(budgetExcess({ bytes: 100, calls: 5, criticalPathMs: 800, waves: 2, screens: {} }, cost)).toEqual([]);
  expect(budgetExcess({ bytes: 99, waves: 1, screens: {} }, cost)).toEqual([
    { figure: 'bytes', value: 100, budget: 99 },
    { figure: 'waves', value: 2, budget: 1 },
  ]);
  expect(budgetExcess({ bytes: 1, screens: {} }, { ...cost, bytes: undefined })).toEqual([]);
});
