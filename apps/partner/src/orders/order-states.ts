import type { OrderStatus } from '@frontage/upstreams/orders';

/** The names of the order states in the partner API. */
export const stateOf = {
  PENDING: 'pending',
  PAID: 'paid',
  PACKED: 'packed',
  SHIPPED: 'shipped',
  DELIVERED: 'delivered',
  CANCELLED: 'cancelled',
  RETURNED: 'returned',
} as const satisfies Record<OrderStatus, string>;

/** The inverse of that table, for filters. */
export const statusOf = {
  pending: 'PENDING',
  paid: 'PAID',
  packed: 'PACKED',
  shipped: 'SHIPPED',
  delivered: 'DELIVERED',
  cancelled: 'CANCELLED',
  returned: 'RETURNED',
} as const satisfies Record<(typeof stateOf)[OrderStatus], OrderStatus>;
