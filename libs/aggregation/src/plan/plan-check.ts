import { placesIn } from '../model/arguments.js';
import {
  callOf,
  callsOf,
  mayBeMissing,
  nameNode,
  nodeText,
  placeText,
  type CallNode,
  type KeySource,
  type PartNode,
  type Place,
  type PlanNode,
  type PlanPart,
} from '../model/nodes.js';
import { headerKey } from '../model/parts-report.js';

export interface PlanDraft {
  readonly name: string;
  readonly source: string;
  readonly deadlineMs: number;
  readonly reserveMs: number | undefined;
  readonly named: readonly { readonly name: string; readonly place: Place | undefined }[];
  /** Every node made while the plan was built. */
  readonly nodes: readonly PartNode[];
}

/** What one call reads itself, its stand-ins left out: without it, it is not made. */
export function ownPlaces(call: CallNode): readonly Place[] {
  return [
    ...placesIn(call.args),
    ...(call.when === undefined ? [] : [call.when]),
    ...Object.values(call.refuseOn).flatMap((refusal) => refusal.args.flatMap(placesIn)),
  ];
}

const placesOfKeys = ({ list, inner }: KeySource): readonly Place[] =>
  inner === undefined ? [list] : [list, ...('node' in inner.of ? [inner.of] : placesOfKeys(inner.of))];

/** What a part goes over, its calls left out. */
function outerPlaces(node: PartNode): readonly Place[] {
  switch (node.kind) {
    case 'each':
    case 'batch':
      return [
        ...(node.kind === 'each' ? [node.over] : node.keys.flatMap(placesOfKeys)),
        ...(node.when === undefined ? [] : [node.when]),
      ];
    case 'step':
      return node.deps.map(([, place]) => place);
    default:
      return [];
  }
}

/** Every place that a node waits for: what its calls read, those that stand in for it and take it back included. */
export function placesOf(node: PartNode): readonly Place[] {
  return [...outerPlaces(node), ...callsOf(node).flatMap((call) => [...ownPlaces(call), ...call.after])];
}

/** The nodes that there are only within this part: the item in hand, the keys, the cursor, the result to take back. */
function localsOf(node: PartNode): ReadonlySet<PlanNode> {
  const locals = new Set<PlanNode>();
  if (node.kind === 'each') locals.add(node.item);
  if (node.kind === 'batch') {
    locals.add(node.chunk);
    for (const source of node.keys)
      for (let inner = source.inner; inner !== undefined; inner = 'node' in inner.of ? undefined : inner.of.inner)
        locals.add(inner.item);
  }
  if (node.kind === 'pages') locals.add(node.cursor);
  for (const { undo } of callsOf(node)) if (undo !== undefined) locals.add(undo.result);
  return locals;
}

/** How a part is called before it has a name. */
function draftText(node: PartNode): string {
  if (node.kind === 'call') return `${node.need}(${node.operation.id})`;
  return node.kind === 'step' ? 'a step that nothing reads' : nodeText(node);
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
      node.kind === 'item' ||
      node.kind === 'local'
    )
      return refuse(
        `'${name}' is ${place === undefined ? 'no call' : placeText(place)}: return what required, optional, write, each, batch, pages or step gave, an answer picks members of it`,
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

  /** Calls that are made within another part, and so have no name of their own. */
  const inner = new Set<PlanNode>();
  const read = new Set<PlanNode>();
  for (const node of draft.nodes) {
    for (const call of callsOf(node)) if (call !== node) inner.add(call);
    for (const place of placesOf(node)) read.add(place.node);
  }
  for (const node of draft.nodes) {
    if (byNode.has(node) && inner.has(node))
      refuse(`'${byNode.get(node)}' is a call within another part: return that part`);
    if (byNode.has(node) || inner.has(node) || (node.kind === 'step' && read.has(node))) continue;
    refuse(`${draftText(node)} at ${node.source} has no name: return it from the plan's function, or take it out`);
  }
  for (const [node, name] of byNode) nameNode(node, name);

  const known = new Set<PlanNode>(draft.nodes);
  for (const node of draft.nodes) {
    if (inner.has(node)) continue;
    const locals = localsOf(node);
    for (const place of placesOf(node)) {
      const { node: from } = place;
      const reads = `${nodeText(node)} at ${node.source} reads ${placeText(place)}`;
      if (locals.has(from)) continue;
      if (from.kind === 'item') refuse(`${reads}, which there is only within its own each(...)`);
      if (from.kind === 'local') refuse(`${reads}, which there is only within its own call`);
      if (inner.has(from)) refuse(`${reads}, a call made within another part: read the part it belongs to`);
      if (from.kind !== 'input' && !known.has(from))
        refuse(`${reads} of another plan: a plan reads what it calls itself`);
    }
    for (const call of callsOf(node)) {
      const places = call === callOf(node) && node.kind === 'each' ? [node.over, ...ownPlaces(call)] : ownPlaces(call);
      const unsure = call.need === 'optional' ? undefined : places.find((place) => mayBeMissing(place.node));
      if (unsure === undefined) continue;
      refuse(
        `${call.need}(${call.operation.id}) at ${call.source} reads ${placeText(unsure)}, which may be missing: give ${nodeText(unsure.node)} a fallback, make it required, or make this call optional`,
      );
    }
  }
  return parts;
}
