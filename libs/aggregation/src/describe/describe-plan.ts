import {
  callOf,
  fieldPathText,
  levelsOf,
  type Argument,
  type CallNode,
  type KeySource,
  type PartNode,
  type FallbackSource,
} from '../model/nodes.js';
import { criticalPath, type CriticalPath } from './critical-path.js';
import { isGiven } from '../model/schema.js';
import { mostCalls } from './most-calls.js';
import type { AnyPlan } from '../plan/plan.js';
import { fieldPathsOf } from '../plan/plan-check.js';
import { slotsOf } from '../compile/compile-plan.js';
import { callPerItem } from '../compile/item-keys.js';
import type { PlanPolicy } from '../compile/bind.js';

/** A fallback or an undo of a call, as JSON. */
export interface OtherCallDescription {
  readonly upstream: string;
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly args?: unknown;
  readonly timeoutMs?: number;
}

/** A fallback of a call. */
export type FallbackDescription =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'last_good'; readonly maxAgeMs: number }
  | ({ readonly kind: 'operation' } & OtherCallDescription);

/** One node of a plan as JSON. */
export interface PartDescription extends Pick<CallNode, 'access' | 'invalidates'> {
  readonly kind: 'call' | 'each' | 'batch' | 'pages' | 'step';
  readonly need?: CallNode['need'];
  readonly upstream?: string;
  readonly operation?: string;
  /** The team that answers for the operation, where its contract names one. */
  readonly owner?: string;
  readonly method?: string;
  readonly path?: string;
  /** True for a read whose method says otherwise: its contract, policy or the plan marks it as safe. */
  readonly safe?: true;
  /** The parts that it waits for. */
  readonly after: readonly string[];
  /** The field paths that it reads: `orders.items`, `caller.subject`. */
  readonly reads: readonly string[];
  /** The arguments, references as `{"$ref": "orders.items[].id"}`. */
  readonly args?: unknown;
  /** Milliseconds: the tighter of the timeouts that plan and policy state. */
  readonly timeoutMs?: number;
  /** The fallback value. */
  readonly fallback?: unknown;
  /** All fallbacks of the call, in the order in which they are tried; the value comes last. */
  readonly fallbacks?: readonly FallbackDescription[];
  readonly when?: string;
  /** The maximum number of items of an `each`, or of keys of a `batch`. */
  readonly maxCount?: number;
  readonly concurrency?: number;
  /** For an `each` within an `each`: the lists in the items, from the outside. */
  readonly inner?: readonly { readonly over: string; readonly maxCount: number }[];
  /**
   * For a `batch`: the sources of its keys (`orders.items[].sku`), the number of keys per call, and the member of a row that holds its key.
   */
  readonly keys?: readonly string[];
  readonly size?: number;
  readonly by?: string;
  /** For `batch` and `pages`: the member of the response that holds the list. */
  readonly items?: string;
  /** For `pages`: the member that holds the next cursor, or `(computed)`. */
  readonly next?: string;
  readonly maxPages?: number;
  readonly maxItems?: number;
  /** For a write: the call that takes it back when the request ends in a problem. */
  readonly undo?: OtherCallDescription;
  /** The name of the plan that it was included with. */
  readonly included?: string;
  /** Declared statuses that become a value. */
  readonly onStatus?: readonly string[];
  /** Declared statuses (for a step: names) and the problems that they end the request with: `404 basket_unknown`. */
  readonly refuses?: Readonly<Record<string, string>>;
  readonly source: string;
}

/** A plan as JSON, for `--describe`. */
export interface PlanDescription {
  readonly name: string;
  readonly source: string;
  readonly deadlineMs: number;
  /** The groups of input, and whether each is validated here. */
  readonly input: Readonly<Record<string, 'given' | 'validated'>>;
  readonly parts: Readonly<Record<string, PartDescription>>;
  /** The parts that can run at the same time, wave by wave. */
  readonly waves: readonly (readonly string[])[];
  /** The most calls to services for one request, without attempts, fallbacks and undos. */
  readonly mostCalls: number;
  /** The longest possible duration, and the parts on that way. */
  readonly criticalPath: CriticalPath;
}

export function describePlan(plan: AnyPlan, policy: PlanPolicy = {}): PlanDescription {
  const slots = slotsOf(plan);
  const nameOf = (node: PartNode): string => {
    const slot = slots.indexOf(node);
    if (node.kind === 'step' && node.isRule === true)
      return `(at least one of ${node.deps.map(([, field]) => fieldPathText(field)).join(', ')})`;
    return plan.parts[slot]?.name ?? `(step ${slot - plan.parts.length + 1})`;
  };
  const before = (node: PartNode) => slots.filter((other) => fieldPathsOf(node).some((field) => field.node === other));
  const waveOf = (node: PartNode): number => Math.max(-1, ...before(node).map(waveOf)) + (node.kind === 'step' ? 0 : 1);
  const deadlineMs = Math.min(plan.deadlineMs, policy.deadlineMs ?? Infinity);
  const timeoutOf = (node: PartNode): number | undefined => {
    const stated = Math.min(callOf(node)?.timeoutMs ?? Infinity, policy.calls?.[nameOf(node)]?.timeoutMs ?? Infinity);
    return stated < Infinity ? stated : undefined;
  };
  const waves: string[][] = [];
  for (const { name, node } of plan.parts) if (node.kind !== 'step') (waves[waveOf(node)] ??= []).push(name);
  return {
    name: plan.name,
    source: plan.source,
    deadlineMs,
    input: Object.fromEntries(
      Object.entries(plan.inputs).map(([group, schema]) => [group, isGiven(schema) ? 'given' : 'validated']),
    ),
    parts: Object.fromEntries(
      slots.map((node) => [nameOf(node), describePart(node, before(node).map(nameOf), timeoutOf(node))]),
    ),
    waves,
    mostCalls: mostCalls(slots),
    criticalPath: criticalPath(slots, { deadlineMs, timeoutOf, nameOf, before }),
  };
}

function describePart(node: PartNode, after: readonly string[], timeoutMs: number | undefined): PartDescription {
  const { source, included } = node;
  const reads = [...new Set(fieldPathsOf(node).map(fieldPathText))];
  const common = { after, reads, source, ...(included !== undefined && { included }) };
  const call = callOf(node);
  if (node.kind === 'step') return { kind: 'step', ...common, ...refusals(node.refuses) };
  const made = node.kind === 'each' ? callPerItem(node) : call;
  const described = { ...(made && describeCall(made, timeoutMs)), ...common };
  const when = 'when' in node ? node.when : undefined;
  const condition = when !== undefined && { when: fieldPathText(when) };
  switch (node.kind) {
    case 'call':
      return { kind: 'call', ...described };
    case 'each': {
      const { maxCount, concurrency } = node;
      const [, ...inner] = levelsOf(node).map((level) => ({
        over: fieldPathText(level.over),
        maxCount: level.maxCount,
      }));
      const within = inner.length > 0 && { inner };
      return { kind: 'each', ...described, ...condition, ...within, maxCount, concurrency };
    }
    case 'batch': {
      const { maxCount, concurrency, size, by, items } = node;
      const keys = node.keys.map(keysText);
      return { kind: 'batch', ...described, ...condition, keys, size, by, ...(items !== undefined && { items }), maxCount, concurrency }; // prettier-ignore
    }
    case 'pages': {
      const { items, maxPages, maxItems } = node;
      const next = typeof node.next === 'string' ? node.next : '(computed)';
      return { kind: 'pages', ...described, ...(items !== undefined && { items }), next, maxPages, maxItems };
    }
  }
}

/** `orders.items[].sku`. */
const keysText = ({ list, inner }: KeySource): string =>
  inner === undefined ? fieldPathText(list) : 'node' in inner.of ? fieldPathText(inner.of) : keysText(inner.of);

function describeCall(node: CallNode, timeoutMs: number | undefined) {
  const { operation, need, fallbackValue, fallbackSources, when, access, onStatus, refuseOn, undo } = node;
  const statuses = Object.keys(onStatus);
  const owner = operation.owner ?? operation.contract.owner;
  const fallbacks = [
    ...fallbackSources.flatMap(describeFallback),
    ...(fallbackValue === undefined ? [] : [{ kind: 'value', value: fallbackValue.value } as const]),
  ];
  return {
    need,
    upstream: operation.contract.upstream,
    operation: operation.id,
    ...(owner !== undefined && { owner }),
    method: operation.method,
    path: operation.path,
    ...(operation.safe === true && { safe: true as const }),
    args: describeArgument(node.args),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(fallbackValue !== undefined && { fallback: fallbackValue.value }),
    ...(fallbacks.length > 0 && { fallbacks }),
    ...(when !== undefined && { when: fieldPathText(when) }),
    ...(access && { access }),
    ...(node.invalidates && { invalidates: node.invalidates }),
    ...(statuses.length > 0 && { onStatus: statuses }),
    ...refusals(Object.entries(refuseOn).map(([status, refusal]) => [status, refusal.problem] as const)),
    ...(undo !== undefined && { undo: describeOther(undo.call) }),
  };
}

function describeFallback(fallback: FallbackSource): readonly FallbackDescription[] {
  if (fallback.kind === 'last_good') return [fallback];
  return [
    { kind: 'operation', ...describeOther(fallback.call) },
    ...fallback.call.fallbackSources.flatMap(describeFallback),
  ];
}

function describeOther({ operation, args, timeoutMs }: CallNode): OtherCallDescription {
  return {
    upstream: operation.contract.upstream,
    operation: operation.id,
    method: operation.method,
    path: operation.path,
    args: describeArgument(args),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

function refusals(entries: readonly (readonly [string, { readonly status: number; readonly code: string }])[]) {
  if (entries.length === 0) return {};
  return { refuses: Object.fromEntries(entries.map(([on, { status, code }]) => [on, `${status} ${code}`])) };
}

function describeArgument(argument: Argument): unknown {
  switch (argument.kind) {
    case 'literal':
      return argument.value;
    case 'reference':
      return { $ref: fieldPathText(argument.field) };
    case 'list':
      return argument.items.map(describeArgument);
    case 'key':
      return {
        $key: [
          ...argument.of.map(describeArgument),
          ...(argument.ofItem === undefined ? [] : ['the index of the item']),
        ],
      };
    case 'object':
      return Object.fromEntries(argument.members.map(([key, member]) => [key, describeArgument(member)]));
  }
}
