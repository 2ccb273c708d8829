import { describe, expect, it } from 'vitest';
import { moneyText } from './money.js';

describe('money on a page', () => {
  it.each([
    [{ amount: 14900, currency: 'EUR' }, '149.00 EUR'],
    [{ amount: 5, currency: 'EUR' }, '0.05 EUR'],
    [{ amount: -2000, currency: 'EUR' }, '-20.00 EUR'],
    [{ amount: 1480, currency: 'JPY' }, '1480 JPY'],
    [{ amount: 1234, currency: 'KWD' }, '1.234 KWD'],
  ])('%o reads %s', (money, text) => {
    expect(moneyText(money)).toBe(text);
  });
});
