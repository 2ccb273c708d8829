import { at, groupBy, list, mapEnum, pick, plan, required, screen } from '@frontage/aggregation';
import * as workload from '../../libs/upstreams/workload/workload.gen.js';

const membersPlan = plan('bench.join-300', { deadlineMs: 10_000 }, () => ({
  members: required(workload.listMembers, {}),
  subscriptions: required(workload.listSubscriptions, {}),
}));

export const join300Screen = screen(membersPlan, ({ members, subscriptions }) => {
  const subscriptionsOf = groupBy(subscriptions.items, 'memberId');
  return {
    members: list(members.items, (member) => ({
      ...pick(member, 'id', 'name', 'tier'),
      subscriptions: list(at(subscriptionsOf, member.id), (one) => ({
        ...pick(one, 'id', 'product'),
        state: mapEnum(one.state, { ACTIVE: 'active', CLOSED: 'closed' }),
        amount: one.price.amount,
      })),
    })),
  };
});
