import { given } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import { z } from 'zod';

export const caller = given<Caller>();

/** The currency that the shopper has chosen. */
export const query = z.object({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('USD'),
});

export const Money = z.object({ currencyCode: z.string(), units: z.int(), nanos: z.int() });
export type Money = z.infer<typeof Money>;

const nanosPerUnit = 1_000_000_000;

/** The sum of amounts in one currency, each so many times. */
export function total(currencyCode: string, ...amounts: readonly (readonly [amount: Money, times: number])[]): Money {
  const nanos = amounts.reduce((sum, [amount, times]) => sum + amount.nanos * times, 0);
  const units = amounts.reduce((sum, [amount, times]) => sum + amount.units * times, Math.trunc(nanos / nanosPerUnit));
  return { currencyCode, units, nanos: nanos % nanosPerUnit };
}
