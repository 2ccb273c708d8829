import type { Account, OrderList, Store } from '../../libs/upstreams/workload/workload.gen.js';
import type { Get } from '../by-hand.js';

export async function twoWaves(get: Get): Promise<object> {
  const account = await get<Account>('/account');
  const [orders, store] = await Promise.all([
    get<OrderList>(`/customers/${encodeURIComponent(account.customerId)}/orders`),
    get<Store>(`/stores/${encodeURIComponent(account.storeId)}`),
  ]);
  return {
    account: { name: account.name, tier: account.tier, points: account.points },
    orders: orders.items.map((x) => ({ id: x.id, placed: x.placed, status: x.status, total: x.total })),
    store: {
      name: store.name,
      phone: store.phone,
      hours: store.hours.map((x) => ({ day: x.day, opens: x.opens, closes: x.closes })),
    },
  };
}
