import { expect, test } from 'vitest';
import { compileView } from './compile-view.js';
import { mapEnum } from '../view/choices.js';
import { contract, crmParts, crmPlan, type Contract, type Customer } from '../fixtures/crm.js';
import { pick } from '../view/combinators.js';
import { at, equal, groupBy } from '../view/joins.js';
import { list, where } from '../view/lists.js';
import { screen } from '../view/screen.js';

const customers = Array.from({ length: 100 }, (_, n) => ({ id: `c-${n}`, name: `Customer number ${n}`, secret: n }));
const contracts = Array.from({ length: 300 }, (_, n) => contract(n, `c-${(n * 7) % 100}`, { secret: n }));
/** Parsed from JSON, as the responses of upstreams are. */
const parsed = JSON.parse(
  JSON.stringify({ ...crmParts, customers: { items: customers }, contracts: { items: contracts } }),
) as { readonly customers: { items: Customer[] }; readonly contracts: { items: Contract[] } };
const values = crmPlan.parts.map(({ name }) => parsed[name as keyof typeof parsed]);

const byTable = screen(crmPlan, (seen) => {
  const contractsOf = groupBy(seen.contracts.items, 'customerId');
  return list(seen.customers.items, (customer) => ({
    ...pick(customer, 'id', 'name'),
    contracts: list(at(contractsOf, customer.id), (one) => ({
      number: one.number,
      kind: mapEnum(one.kind, { FLAT: 'flat', USAGE: 'usage' }),
    })),
  }));
});
const byCondition = screen(crmPlan, (seen) =>
  list(seen.customers.items, (customer) => ({
    ...pick(customer, 'id', 'name'),
    contracts: list(
      where(seen.contracts.items, (one) => equal(one.customerId, customer.id)),
      (one) => ({ number: one.number, kind: mapEnum(one.kind, { FLAT: 'flat', USAGE: 'usage' }) }),
    ),
  })),
);

const kinds = { FLAT: 'flat', USAGE: 'usage' } as const;
function byHand({ customers: { items }, contracts: { items: all } }: typeof parsed): unknown {
  const contractsOf = Map.groupBy(all, ({ customerId }) => customerId);
  return items.map(({ id, name }) => ({
    id,
    name,
    contracts: (contractsOf.get(id) ?? []).map(({ number, kind }) => ({ number, kind: kinds[kind] })),
  }));
}

/** The cost of a join beside the same by hand; both end as JSON. */
test('100 customers with their 300 contracts', async ({ bench }) => {
  const [table, condition] = [compileView(byTable), compileView(byCondition)];
  let bytes = 0;
  const render = (make: typeof table) => () => {
    const made = make(values, {}, undefined);
    if (made.kind === 'made') bytes += made.body.length;
  };
  const made = [table, condition].map((make) => make(values, {}, undefined));
  for (const one of made) expect(one).toMatchObject({ body: JSON.stringify(byHand(parsed)) });
  await bench.compare(
    bench('by hand: Map.groupBy, map and JSON.stringify', () => {
      bytes += JSON.stringify(byHand(parsed)).length;
    }),
    bench('a screen with groupBy', render(table)),
    bench('a screen with where', render(condition)),
  );
  expect(bytes).toBeGreaterThan(0);
});
