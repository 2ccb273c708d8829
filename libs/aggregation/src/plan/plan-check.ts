import { fieldPathsIn, leavesIn, readsOf, referencesIn } from '../model/arguments.js';
import {
  callsOf,
  levelsOf,
  nameNode,
  nodeText,
  fieldPathText,
  type Argument,
  type CallNode,
  type PartNode,
  type FieldPath,
  type LocalNode,
  type PlanNode,
  type PlanPart,
} from '../model/nodes.js';
import { mayBeMissing, mayFail } from '../model/absence.js';
import { traitsOf } from '../model/node-traits.js';
import { headerKey } from '../model/parts-report.js';

export interface PlanDraft {
  readonly name: string;
  readonly source: string;
  readonly deadlineMs: number;
  readonly reserveMs: number | undefined;
  readonly named: readonly { readonly name: string; readonly field: FieldPath | undefined }[];
  /** Every node made while the plan was built. */
  readonly nodes: readonly PartNode[];
}

/** The field paths that one call reads itself, without its fallbacks. The call is not sent without them. */
export function ownFieldPaths(call: CallNode): readonly FieldPath[] {
  return [
    ...fieldPathsIn(call.args),
    ...(call.when === undefined ? [] : readsOf(call.when)),
    ...Object.values(call.refuseOn).flatMap((refusal) => refusal.args.flatMap(fieldPathsIn).filter(isOfPlan)),
  ];
}

/** The same as arguments, each as a whole: calls of an operation with equal ones are the same call. */
export function ownArguments(call: CallNode): readonly Argument[] {
  const refusals = Object.values(call.refuseOn).flatMap((refusal) => refusal.args.flatMap(leavesIn));
  return [
    ...leavesIn(call.args),
    ...(call.when === undefined ? [] : [{ kind: 'reference', field: call.when } as const]),
    ...refusals.filter((argument) => fieldPathsIn(argument).every(isOfPlan)),
  ];
}

/** The call knows its own error body. */
const isOfPlan = ({ node }: FieldPath): boolean => node.kind !== 'local' || node.errorBody === undefined;

/** Every field path that a node waits for: those of its calls, of their fallbacks and of their undos. */
export function fieldPathsOf(node: PartNode): readonly FieldPath[] {
  const { lists, values } = traitsOf(node);
  return [
    ...[...lists, ...values].flatMap(readsOf),
    ...callsOf(node).flatMap((call) => [...ownFieldPaths(call), ...call.after]),
  ];
}

/** The values that combinators make within its calls. */
export function madeWithin(node: PartNode): ReadonlySet<LocalNode> {
  const { lists, values } = traitsOf(node);
  const found = new Set<LocalNode>();
  const add = ({ node: from }: FieldPath): void => {
    if (from.kind !== 'local' || from.of === undefined || found.has(from)) return;
    found.add(from);
    for (const field of from.of.values()) add(field);
  };
  for (const field of [...lists, ...values]) add(field);
  for (const call of callsOf(node)) for (const argument of ownArguments(call)) referencesIn(argument).forEach(add);
  return found;
}

/** The nodes that exist only within this part: the item, the keys, the cursor, the result of a write. */
function localsOf(node: PartNode): ReadonlySet<PlanNode> {
  return new Set([...traitsOf(node).locals, ...callsOf(node).flatMap(({ undo }) => undo?.result ?? [])]);
}

/** The text for a part before it has a name. */
function draftText(node: PartNode): string {
  if (node.kind === 'call') return `${node.need}(${node.operation.id})`;
  return node.kind === 'step' ? 'a step that nothing reads' : nodeText(node);
}

/**
 * Refuses at start a plan that cannot work, and returns its named parts.
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
  const parts = draft.named.map(({ name, field }): PlanPart => {
    if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name))
      refuse(
        `'${name}' cannot name a part: write letters and digits, a letter first ('$input' and '_parts' are taken)`,
      );
    const node = field?.node;
    if (
      field === undefined ||
      node === undefined ||
      field.path.length > 0 ||
      node.kind === 'input' ||
      node.kind === 'item' ||
      node.kind === 'local'
    )
      return refuse(
        `'${name}' is ${field === undefined ? 'no call' : fieldPathText(field)}: return what required, optional, write, each, batch, pages or step returned; a view picks members of it`,
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

  /** Calls that are made within another part. They have no name of their own. */
  const inner = new Set<PlanNode>();
  const read = new Set<PlanNode>();
  for (const node of draft.nodes) {
    for (const call of callsOf(node)) if (call !== node) inner.add(call);
    if (node.kind === 'each') for (const level of levelsOf(node).slice(1)) inner.add(level);
    for (const field of fieldPathsOf(node)) read.add(field.node);
  }
  for (const node of draft.nodes) {
    if (byNode.has(node) && inner.has(node))
      refuse(`'${byNode.get(node)}' is a call within another part: return that part`);
    if (byNode.has(node) || inner.has(node)) continue;
    if (node.kind === 'step' && (node.isRule === true || read.has(node))) continue;
    refuse(`${draftText(node)} at ${node.source} has no name: return it from the plan's function, or take it out`);
  }
  for (const [node, name] of byNode) nameNode(node, name);

  const known = new Set<PlanNode>(draft.nodes);
  for (const node of draft.nodes) {
    if (inner.has(node)) continue;
    const locals = localsOf(node);
    for (const field of fieldPathsOf(node)) {
      const { node: from } = field;
      const reads = `${nodeText(node)} at ${node.source} reads ${fieldPathText(field)}`;
      if (locals.has(from)) continue;
      if (from.kind === 'item') refuse(`${reads}, which there is only within its own each(...)`);
      if (from.kind === 'local') refuse(`${reads}, which there is only within its own call`);
      if (inner.has(from)) refuse(`${reads}, a call made within another part: read the part it belongs to`);
      if (from.kind !== 'input' && !known.has(from))
        refuse(`${reads} of another plan: a plan reads what it calls itself`);
    }
    for (const call of callsOf(node)) {
      // A call under a condition may be left out together with what it reads, but not because something failed.
      const isUnsure = call.when === undefined ? mayBeMissing : mayFail;
      const unsure = call.need === 'optional' ? undefined : ownFieldPaths(call).find((field) => isUnsure(field.node));
      if (unsure === undefined) continue;
      refuse(
        `${call.need}(${call.operation.id}) at ${call.source} reads ${fieldPathText(unsure)}, which may be missing: give ${nodeText(unsure.node)} a fallback, make it required, or make this call optional`,
      );
    }
  }
  return parts;
}
