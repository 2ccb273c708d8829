import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileView } from './compile-view.js';
import { orNull, pick } from '../view/combinators.js';
import { crmParts, crmPlan } from '../fixtures/crm.js';
import { list } from '../view/lists.js';
import { screen } from '../view/screen.js';

const of = screen(crmPlan, ({ customers, invoices }) => ({
  customers: list(customers.items, (one) => ({ ...pick(one, 'id', 'name'), manager: orNull(one.manager) })),
  invoices: list(invoices.items, (one) => pick(one, 'amount', 'discount')),
}));
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\u0000', '\u001f', '\u007f', '\u2028', '\ud800', '\udfff', '\ue000', '\uffff', 'é') })); // prettier-ignore
const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.constantFrom(-0, 1e21, 5e-324)); // prettier-ignore

it('writes every text and number as JSON.stringify does', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ id: text, name: text, manager: fc.option(text) })),
      fc.array(fc.record({ id: text, contract: fc.nat(), amount: number, discount: number, dueOn: text })),
      (customers, invoices) => {
        const values = { ...crmParts, customers: { items: customers }, invoices: { items: invoices } };
        const made = compileView(of)(
          crmPlan.parts.map(({ name }) => values[name as keyof typeof values]),
          {},
          undefined,
        );
        const expected = JSON.stringify({
          customers: customers.map(({ id, name, manager }) => ({ id, name, manager })),
          invoices: invoices.map(({ amount, discount }) => ({ amount, discount })),
        });
        expect(made).toMatchObject({ kind: 'made', body: expected });
      },
    ),
    { numRuns: 300 },
  );
});
