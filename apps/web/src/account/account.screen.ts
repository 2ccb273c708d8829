import {
  compute,
  given,
  list,
  mapEnum,
  optional,
  orNull,
  pick,
  plan,
  problem,
  required,
  screen,
  within,
} from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import * as orders from '@frontage/upstreams/orders';
import * as users from '@frontage/upstreams/users';
import { z } from 'zod';
import { orderRow } from '../order-row.js';

const badCursor = problem(400, 'cursor_unknown', 'Take the cursor from the page before, unchanged.');

const AccountQuery = z.object({ cursor: z.string().min(1).max(200).optional() });

const accountPlan = plan(
  'web.account',
  { input: { caller: given<Caller>(), query: AccountQuery }, deadlineMs: 1000 },
  ({ caller, query }) => {
    const profile = required(users.getUser, { path: { id: caller.subject } });
    const addresses = optional(users.listAddresses, { path: { id: caller.subject } });
    const payments = optional(users.listPaymentMethods, { path: { id: caller.subject } });
    const history = required(
      orders.listOrders,
      { query: { customerId: caller.subject, limit: 10, cursor: query.cursor } },
      { refuseOn: { 422: badCursor } },
    );
    return { profile, addresses, payments, history };
  },
);

export const accountScreen = screen(accountPlan, ({ profile, addresses, payments, history }) => ({
  profile: {
    ...pick(profile, 'name', 'nickname', 'email', 'phone', 'points', 'locale', 'memberSince', 'birthday'),
    level: mapEnum(profile.tier, { BASIC: 'basic', SILVER: 'silver', GOLD: 'gold' }),
    newsletter: profile.preferences.newsletter,
  },
  addresses: orNull(
    list(addresses.items, (address) => ({
      ...pick(address, 'id', 'label', 'recipient', 'line1', 'line2', 'postalCode', 'city', 'country', 'isDefault'),
      purposes: list(address.purposes, (purpose) => mapEnum(purpose, { SHIPPING: 'delivery', BILLING: 'invoice' })),
    })),
  ),
  paymentMethods: orNull(
    list(payments.items, (method) => ({
      ...pick(method, 'id', 'label', 'isDefault'),
      kind: mapEnum(method.kind, { CARD: 'card', WALLET: 'wallet', INVOICE: 'invoice' }),
      card: within(method.card, (card) => ({
        brand: mapEnum(card.brand, { VISA: 'Visa', MASTERCARD: 'Mastercard', AMEX: 'American Express' }),
        lastDigits: card.lastDigits,
        expires: compute(
          z.string(),
          pick(card, 'expiryYear', 'expiryMonth'),
          ({ expiryYear, expiryMonth }) => `${expiryYear}-${String(expiryMonth).padStart(2, '0')}`,
        ),
      })),
    })),
  ),
  orders: { ...pick(history, 'total', 'next'), items: list(history.items, orderRow) },
}));
