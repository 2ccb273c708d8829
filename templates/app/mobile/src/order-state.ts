import { mapEnum, type Ref } from '@frontage/aggregation';
import type { OrderStatus } from '@frontage/upstreams/orders';

/** A phone has room for one word: what is done in the warehouse is all `open`. */
export const orderState = (status: Ref<OrderStatus>) =>
  mapEnum(status, {
    PENDING: 'open',
    PAID: 'open',
    PACKED: 'open',
    SHIPPED: 'on its way',
    DELIVERED: 'delivered',
    CANCELLED: 'cancelled',
    RETURNED: 'returned',
  });
