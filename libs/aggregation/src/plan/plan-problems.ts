import { callsOf, type CallNode } from '../model/nodes.js';
import type { AnyPlan } from './plan.js';

/** The statuses of the problems that a plan may end with beyond those of every endpoint: its declared problems, and an upstream's 404. */
export function problemStatuses(plan: AnyPlan): readonly number[] {
  const nodes = [...plan.parts.map(({ node }) => node), ...plan.rules];
  const statuses = nodes.flatMap((node) =>
    node.kind === 'step' ? node.refuses.map(([, { status }]) => status) : callsOf(node).flatMap(statusesOf),
  );
  return [...new Set(statuses)].toSorted((a, b) => a - b);
}

function statusesOf({ need, operation, onStatus, refuseOn }: CallNode): readonly number[] {
  const declared = Object.values(refuseOn).map(({ problem }) => problem.status);
  const handled = '404' in onStatus || '404' in refuseOn;
  const passesOn = need !== 'optional' && !handled && operation.responses.some(({ status }) => status === '404');
  return passesOn ? [...declared, 404] : declared;
}
