import { traitsOf } from '../model/node-traits.js';
import { callOf, levelsOf, type CallNode, type PartNode } from '../model/nodes.js';

/** The longest way through a plan when every call takes its whole timeout. */
export interface CriticalPath {
  /** The parts on it, in their order. */
  readonly calls: readonly string[];
  /** Milliseconds. Never more than the deadline of the plan, except where a write outlives it. */
  readonly worstCaseMs: number;
  /** Milliseconds that the undos of its writes may take in addition, where the request ends in a problem; absent where it has no undo. */
  readonly undoMs?: number;
}

interface PathSetting {
  readonly deadlineMs: number;
  /** The tighter of the timeouts that plan and policy state for a part's call. */
  readonly timeoutOf: (node: PartNode) => number | undefined;
  readonly nameOf: (node: PartNode) => string;
  readonly before: (node: PartNode) => readonly PartNode[];
}

interface Way {
  readonly nodes: readonly PartNode[];
  readonly ms: number;
}

export function criticalPath(nodes: readonly PartNode[], setting: PathSetting): CriticalPath {
  const { deadlineMs, timeoutOf, nameOf, before } = setting;
  const known = new Map<PartNode, Way>();
  const wayTo = (node: PartNode): Way => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const longest = longestOf(before(node).map(wayTo));
    const ms = worstOf(node, timeoutOf(node), deadlineMs);
    // A read ends with the deadline; a write has its own time from when it is sent.
    const end = isWrite(node) ? Math.min(longest.ms, deadlineMs) + ms : Math.min(longest.ms + ms, deadlineMs);
    const way = { nodes: ms === 0 ? longest.nodes : [...longest.nodes, node], ms: end };
    known.set(node, way);
    return way;
  };
  const { nodes: way, ms } = longestOf(nodes.map(wayTo));
  const undos = nodes.flatMap((node) => {
    const call = callOf(node)?.undo?.call;
    return call === undefined ? [] : [(call.timeoutMs ?? deadlineMs) * itemsOf(node)];
  });
  const undoMs = undos.reduce((sum, ms) => sum + ms, 0);
  return { calls: way.map(nameOf), worstCaseMs: ms, ...(undos.length > 0 && { undoMs }) };
}

const longestOf = (ways: readonly Way[]): Way =>
  ways.reduce((longest, way) => (way.ms > longest.ms ? way : longest), { nodes: [], ms: 0 });

/** The most writes that a part makes: they are taken back one after the other. */
const itemsOf = (node: PartNode): number =>
  node.kind === 'each' ? levelsOf(node).reduce((count, { maxCount }) => count * maxCount, 1) : 1;

const isWrite = (node: PartNode): boolean => callOf(node)?.need === 'write';

function worstOf(node: PartNode, timeoutMs: number | undefined, deadlineMs: number): number {
  const call = callOf(node);
  if (call === undefined) return 0;
  return ((timeoutMs ?? deadlineMs) + fallbacksMsOf(call, deadlineMs)) * traitsOf(node).rounds;
}

/** The calls that are made one after the other, each when the one before it fails. */
const fallbacksMsOf = ({ fallbackSources }: CallNode, deadlineMs: number): number =>
  fallbackSources.reduce(
    (sum, fallback) =>
      fallback.kind === 'call'
        ? sum + (fallback.call.timeoutMs ?? deadlineMs) + fallbacksMsOf(fallback.call, deadlineMs)
        : sum,
    0,
  );
