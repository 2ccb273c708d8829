import type { Contract, Operation } from '@frontage/core';
import { inputOf } from './input-of.js';

interface Order {
  customer: { id: string; name?: string } | null;
  lines: { sku: string; options?: { color: string }[] }[];
}
declare const contract: Contract;
declare const createOrder: Operation<
  { query: { 'page.size'?: number }; body: Order },
  string,
  Record<never, never>,
  'POST'
>;

/** Code that does not compile, and the words of the compiler; a spec asks it. */
export const paths = () => [
  inputOf(createOrder).pick('customer.id', 'lines.options.color'),
  inputOf(createOrder).omit('customer', 'lines.sku'),
  inputOf(createOrder).query.pick('page.size'),
  // @ts-expect-error Argument of type '"sku"' is not assignable to parameter of type '"
  inputOf(createOrder).pick('sku'),
  // @ts-expect-error Argument of type '"lines.color"' is not assignable to parameter of type '"lines.
  inputOf(createOrder).omit('lines.color'),
  // @ts-expect-error Argument of type '"lines.options.size"' is not assignable to parameter of type '"lines.options.color"'
  inputOf(createOrder).pick('customer.id', 'lines.options.size'),
  // @ts-expect-error Argument of type '"customer.id.text"' is not assignable to parameter of type '"customer.id"'
  inputOf(createOrder).pick('customer.id.text'),
  // @ts-expect-error Argument of type '"page"' is not assignable to parameter of type '"page.size"'
  inputOf(createOrder).query.omit('page'),
  contract,
];
