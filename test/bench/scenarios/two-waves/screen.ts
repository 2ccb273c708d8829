import { list, pick, plan, required, screen } from '@frontage/aggregation';
import * as workload from '../../libs/upstreams/workload/workload.gen.js';

const accountPlan = plan('bench.two-waves', { deadlineMs: 10_000 }, () => {
  const account = required(workload.getAccount, {});
  const orders = required(workload.listOrders, { path: { customerId: account.customerId } });
  const store = required(workload.getStore, { path: { storeId: account.storeId } });
  return { account, orders, store };
});

export const twoWavesScreen = screen(accountPlan, ({ account, orders, store }) => ({
  account: pick(account, 'name', 'tier', 'points'),
  orders: list(orders.items, (order) => pick(order, 'id', 'placed', 'status', 'total')),
  store: pick(store, 'name', 'phone', 'hours'),
}));
