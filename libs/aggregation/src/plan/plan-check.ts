import { placesIn } from './arguments.js';
import {
  mayBeAbsent,
  nameNode,
  nodeText,
  placeText,
  type CallNode,
  type PartNode,
  type Place,
  type PlanNode,
} from './nodes.js';
import { headerKey } from '../run/parts-report.js';
import type { PlanPart } from './plan.js';

export interface PlanDraft {
  readonly name: string;
  readonly source: string;
  readonly deadlineMs: number;
  readonly reserveMs: number | undefined;
  readonly named: readonly { readonly name: string; readonly place: Place | undefined }[];
  /** Every node made while the plan was built. */
  readonly nodes: readonly PartNode[];
}

/** Every place that a node reads when it runs. */
export function placesOf(node: PartNode): readonly Place[] {
  switch (node.kind) {
    case 'call':
      return [
        ...placesIn(node.args),
        ...(node.when === undefined ? [] : [node.when]),
        ...Object.values(node.refuseOn).flatMap((refusal) => refusal.args.flatMap(placesIn)),
      ];
    case 'each':
      return [node.over, ...placesOf(node.call)];
    case 'step':
      return node.deps.map(([, place]) => place);
  }
}

/**
 * Refuses at start what could not work, and names what is left.
 * @throws {TypeError} naming the plan, the node and what to write instead
 */
export function checkPlan(draft: PlanDraft): readonly PlanPart[] {
  const refuse = (message: string): never => {
    throw new TypeError(`plan '${draft.name}' (${draft.source}): ${message}`);
  };
  if (!(draft.deadlineMs > 0))
    refuse(`deadlineMs is ${draft.deadlineMs}: write the milliseconds that a request may take`);
  if (draft.reserveMs !== undefined && !(draft.reserveMs >= 0 && draft.reserveMs < draft.deadlineMs))
    refuse(`reserveMs is ${draft.reserveMs}: write 0 or more, and less than deadlineMs (${draft.deadlineMs})`);

  const byNode = new Map<PlanNode, string>();
  const byKey = new Map<string, string>();
  const parts = draft.named.map(({ name, place }): PlanPart => {
    if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name))
      refuse(
        `'${name}' cannot name a part: write letters and digits, a letter first ('$input' and '_parts' are taken)`,
      );
    const node = place?.node;
    if (
      place === undefined ||
      node === undefined ||
      place.path.length > 0 ||
      node.kind === 'input' ||
      node.kind === 'item'
    )
      return refuse(
        `'${name}' is ${place === undefined ? 'no call' : placeText(place)}: return what required, optional, write, each or step gave, an answer picks members of it`,
      );
    const twin = byNode.get(node);
    if (twin !== undefined) refuse(`'${twin}' and '${name}' are the same call: return it under one name`);
    byNode.set(node, name);
    const key = headerKey(name);
    const clash = byKey.get(key);
    if (clash !== undefined)
      refuse(`'${clash}' and '${name}' are both '${key}' in the header Frontage-Parts: rename one`);
    byKey.set(key, name);
    return { name, node };
  });

  const perItem = new Map<CallNode, PartNode>();
  const read = new Set<PlanNode>();
  for (const node of draft.nodes) {
    if (node.kind === 'each') perItem.set(node.call, node);
    for (const place of placesOf(node)) read.add(place.node);
  }
  for (const node of draft.nodes) {
    if (byNode.has(node) || (node.kind === 'call' && perItem.has(node))) continue;
    if (node.kind === 'step' && read.has(node)) continue;
    const text =
      node.kind === 'call'
        ? `${node.need}(${node.operation.id})`
        : node.kind === 'each'
          ? nodeText(node)
          : 'a step that nothing reads';
    refuse(`${text} at ${node.source} has no name: return it from the plan's function, or take it out`);
  }
  for (const [node, name] of byNode) nameNode(node, name);

  const known = new Set<PlanNode>(draft.nodes);
  for (const node of draft.nodes) {
    const each = node.kind === 'call' ? perItem.get(node) : node;
    const inner = node.kind === 'each' ? node.call : node;
    for (const place of placesOf(node)) {
      const { node: from } = place;
      if (from.kind === 'item' && !(each?.kind === 'each' && each.item === from))
        refuse(
          `${nodeText(node)} at ${node.source} reads ${placeText(place)}, which there is only within its own each(...)`,
        );
      if (from.kind === 'call' && perItem.has(from))
        refuse(
          `${nodeText(node)} at ${node.source} reads ${placeText(place)}, a call made per item: read the each(...) it belongs to`,
        );
      if (from.kind !== 'item' && from.kind !== 'input' && !known.has(from))
        refuse(
          `${nodeText(node)} at ${node.source} reads ${placeText(place)} of another plan: a plan reads what it calls itself`,
        );
      if (inner.kind === 'call' && inner.need !== 'optional' && mayBeAbsent(from))
        refuse(
          `${inner.need}(${inner.operation.id}) at ${inner.source} reads ${placeText(place)}, which may be missing: give ${nodeText(from)} a fallback, make it required, or make this call optional`,
        );
    }
  }
  return parts;
}
