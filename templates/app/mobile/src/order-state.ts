import { mapEnum, type Ref } from '@frontage/aggregation';
import type { OrderStatus } from '@frontage/upstreams/orders';

/** A phone has room for one word, so all states within the warehouse are `open`. */
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
