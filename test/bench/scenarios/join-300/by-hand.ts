import type { MemberList, SubscriptionList } from '../../libs/upstreams/workload/workload.gen.js';
import type { Get } from '../by-hand.js';

const states = { ACTIVE: 'active', CLOSED: 'closed' } as const;

export async function join300(get: Get): Promise<object> {
  const [members, subscriptions] = await Promise.all([
    get<MemberList>('/members'),
    get<SubscriptionList>('/subscriptions'),
  ]);
  const subscriptionsOf = Map.groupBy(subscriptions.items, ({ memberId }) => memberId);
  return {
    members: members.items.map(({ id, name, tier }) => ({
      id,
      name,
      tier,
      subscriptions: (subscriptionsOf.get(id) ?? []).map((x) => ({
        id: x.id,
        product: x.product,
        state: states[x.state],
        amount: x.price.amount,
      })),
    })),
  };
}
