import {
  isRecord,
  number,
  ok,
  optionalText,
  problem,
  text,
  type Behaviour,
  type SandboxResponse,
} from '../model/behaviour.js';
import { availableOf, missing } from './browsing.js';
import { euros } from './catalogue.js';
import { users } from './people.js';
import { cartContents, coupons, orderLine, startOfSeed, sumOf } from './trade.js';

interface CartLine {
  readonly id: string;
  readonly sku: string;
  readonly quantity: number;
  readonly giftMessage?: string;
}

interface Cart {
  readonly lines: readonly CartLine[];
  readonly version: number;
  /** Never reused, so that a line that was removed does not come back as another. */
  readonly nextLine: number;
}

export interface CartStore {
  readonly behaviour: Behaviour;
  get(customerId: string): Cart | undefined;
  empty(customerId: string): void;
}

const emptyCart: Cart = { lines: [], version: 0, nextLine: 1 };

/** The carts of all customers; a customer without items has an empty one. */
export function cartStore(): CartStore {
  const carts = new Map(users.map(({ id }) => [id as string, seededCart(id)]));

  const change = (customerId: string, lines: readonly CartLine[], nextLine: number, status = 200): SandboxResponse => {
    const version = (carts.get(customerId)?.version ?? 0) + 1;
    carts.set(customerId, { lines, version, nextLine });
    return { status, body: cartBody(customerId, { lines, version, nextLine }) };
  };

  const behaviour: Behaviour = {
    getCart: ({ path }) => {
      const cart = carts.get(text(path, 'customerId'));
      return cart === undefined ? missing : ok(cartBody(text(path, 'customerId'), cart));
    },
    clearCart: ({ path }) => {
      const customerId = text(path, 'customerId');
      const cart = carts.get(customerId);
      if (cart === undefined) return missing;
      change(customerId, [], cart.nextLine);
      return { status: 204 };
    },
    addCartItem: ({ path, body }) => {
      const customerId = text(path, 'customerId');
      const cart = carts.get(customerId);
      if (cart === undefined) return missing;
      const wanted = isRecord(body) ? body : {};
      const sku = text(wanted, 'sku');
      const available = availableOf(sku);
      if (available === undefined) return invalid('/sku', `There is no article ${sku}.`);
      const present = cart.lines.find((line) => line.sku === sku);
      const quantity = (present?.quantity ?? 0) + number(wanted, 'quantity', 1);
      if (quantity > available) return problem(409, 'There is not enough of the article', { sku, available });
      if (quantity > 99) return invalid('/quantity', 'At most 99 of one article fit into a cart.');
      const giftMessage = optionalText(wanted, 'giftMessage') ?? present?.giftMessage;
      const id = present?.id ?? `l-${cart.nextLine}`;
      const line = { id, sku, quantity, ...(giftMessage !== undefined && { giftMessage }) };
      return present === undefined
        ? change(customerId, [...cart.lines, line], cart.nextLine + 1, 201)
        : change(customerId, replaced(cart.lines, line), cart.nextLine, 201);
    },
    updateCartItem: ({ path, body }) => {
      const customerId = text(path, 'customerId');
      const cart = carts.get(customerId);
      const line = cart?.lines.find(({ id }) => id === path['lineId']);
      if (cart === undefined || line === undefined) return missing;
      const quantity = number(isRecord(body) ? body : {}, 'quantity', line.quantity);
      if (quantity > (availableOf(line.sku) ?? 0)) return invalid('/quantity', 'There is not enough of the article.');
      return change(customerId, replaced(cart.lines, { ...line, quantity }), cart.nextLine);
    },
    removeCartItem: ({ path }) => {
      const customerId = text(path, 'customerId');
      const cart = carts.get(customerId);
      if (cart?.lines.some(({ id }) => id === path['lineId']) !== true) return missing;
      const rest = cart.lines.filter(({ id }) => id !== path['lineId']);
      return change(customerId, rest, cart.nextLine);
    },
  };

  const empty = (customerId: string): void => {
    change(customerId, [], carts.get(customerId)?.nextLine ?? 1);
  };
  return { behaviour, get: (customerId) => carts.get(customerId), empty };
}

/** 422 with a pointer to the field of the body. */
export const invalid = (pointer: string, message: string): SandboxResponse =>
  problem(422, 'The request cannot be met', { errors: [{ pointer, message }] });

export const cartIdOf = (customerId: string): string => `c-${customerId}`;

export const couponOf = (customerId: string, subtotal: number): number =>
  Math.min(subtotal, coupons[customerId]?.amount ?? 0);

const replaced = (lines: readonly CartLine[], line: CartLine): readonly CartLine[] =>
  lines.map((old) => (old.id === line.id ? line : old));

function seededCart(customerId: string): Cart {
  const contents = cartContents[customerId];
  if (contents === undefined) return emptyCart;
  const lines = contents.map(([sku, quantity], index) => ({ id: `l-${index + 1}`, sku, quantity }));
  return { lines, version: lines.length, nextLine: lines.length + 1 };
}

function cartBody(customerId: string, cart: Cart) {
  const lines = cart.lines.flatMap((line) => {
    const priced = orderLine(line.sku, line.quantity);
    if (priced === undefined) return [];
    const { name: _, ...rest } = priced;
    return [{ ...line, ...rest, addedAt: '2026-11-20T20:00:00Z' }];
  });
  const subtotal = sumOf(lines);
  const discount = couponOf(customerId, subtotal);
  return {
    id: cartIdOf(customerId),
    customerId,
    lines,
    itemCount: lines.reduce((count, { quantity }) => count + quantity, 0),
    subtotal: euros(subtotal),
    discount: discount === 0 ? null : euros(discount),
    total: euros(subtotal - discount),
    coupon: coupons[customerId]?.code ?? null,
    version: cart.version,
    updatedAt: new Date(startOfSeed + cart.version * 1000).toISOString(),
  };
}
