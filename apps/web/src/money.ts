import { compute, named, type Ref } from '@frontage/aggregation';
import { z } from 'zod';

/** An amount of a service, in minor units (cents for most currencies). */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** Currencies whose minor unit is not a hundredth (ISO 4217, table A.1). */
const minorDigits: ReadonlyMap<string, number> = new Map([
  ['BHD', 3],
  ['CLP', 0],
  ['IQD', 3],
  ['ISK', 0],
  ['JOD', 3],
  ['JPY', 0],
  ['KRW', 0],
  ['KWD', 3],
  ['OMR', 3],
  ['TND', 3],
  ['VND', 0],
]);

/** `149.00 EUR` */
export function moneyText({ amount, currency }: Money): string {
  const digits = minorDigits.get(currency) ?? 2;
  return `${(amount / 10 ** digits).toFixed(digits)} ${currency}`;
}

const Price = z.object({ amount: z.int(), currency: z.string(), text: z.string() });

/** The text for display, and the amount for calculation. */
export const price = (money: Ref<Money>) =>
  named(
    'Price',
    compute(Price, { money }, ({ money }) => ({
      amount: money.amount,
      currency: money.currency,
      text: moneyText(money),
    })),
  );
