import type { FallbackValue } from '../model/fallback-value.js';
import type { CallArgs, Clock, OperationInfo, Outcome } from '@frontage/core';
import type { CallerRule, Executor } from '@frontage/context';
import type { CallNode, PagesNode, PartNode, Refusal, StatusValue } from '../model/nodes.js';
import type { NeedsItems } from '../schema/checks/needed-items.js';
import type { Fill } from './fill.js';
import type { LastGoodStore } from './last-good.js';
import { pending, type CallAsker, type ContractViolation, type RunState } from './run-state.js';

interface CompiledRefusal {
  readonly refusal: Refusal;
  readonly args: readonly { readonly fill: Fill; readonly ofBody: boolean }[];
  readonly members: MakeMembers | undefined;
}

/** The members of a problem from the error body; undefined where the body is not what its contract says. */
export type MakeMembers = (body: unknown) => Readonly<Record<string, unknown>> | undefined;

/** A value that a call needs. */
export interface MustHave {
  /** `['path', 'id']`, `['body', 'customer', 'id']` */
  readonly path: readonly string[];
  /** The member of the plan's input that it is read from, where it is one. */
  readonly input?: string;
  /** True if its source may have no value there. Looked up when it has none, which is rare. */
  readonly mayBeNil: () => boolean;
}

/** One call of a plan, compiled at start. */
export interface CompiledCall {
  readonly part: string;
  /** The parts whose responses its arguments, its condition and its list come from. */
  readonly sources: readonly string[];
  readonly operation: OperationInfo;
  readonly need: CallNode['need'];
  readonly execute: Executor;
  /** Classifies an outcome before any other code sees it. */
  readonly classify: (outcome: Outcome<unknown>) => Outcome<unknown>;
  readonly args: Fill;
  /** Values that the call needs and gets from references. */
  readonly mustHave: readonly MustHave[];
  /** Lists without items for which the call is not sent. */
  readonly needsItems: readonly NeedsItems[];
  /** Items of parts that may be missing, as they are: without them the call is skipped. */
  readonly itemParts: readonly Fill[];
  readonly when: Fill | undefined;
  /** The callers that it is sent for. */
  readonly access: CallerRule | undefined;
  /** The request goes on without it: it is optional, or a write with a fallback value. */
  readonly canBeDoneWithout: boolean;
  /** Slots of parts that may be missing: without them the call is skipped. */
  readonly after: readonly number[];
  readonly timeoutMs: number;
  readonly onStatus: Readonly<Record<string, StatusValue>>;
  readonly refuseOn: Readonly<Record<string, CompiledRefusal>>;
  /** Tried in this order when the call fails. */
  readonly fallbackSources: readonly CompiledFallbackSource[];
  /** Keeps the value for later requests whose call fails. */
  readonly keep: LastGoodKeeper | undefined;
  /** For a write: the call that takes it back, with the result of the write as its item. */
  readonly undo: CompiledCall | undefined;
}

/** The last good values of one call. */
export interface LastGoodKeeper {
  readonly operation: string;
  readonly store: LastGoodStore;
  /** The longest age at which one is used, in milliseconds. */
  readonly forMs: number;
}

/** A fallback of a failed call, compiled at start. */
export type CompiledFallbackSource =
  { readonly kind: 'last_good'; readonly maxAgeMs: number } | { readonly kind: 'call'; readonly call: CompiledCall };

/** A run that makes calls and remembers the writes that it sent. */
export interface CallingRun extends RunState {
  readonly writes: {
    send(requested: RequestedCall, args: CallArgs, now: number, settle: (outcome: Outcome<unknown>) => void): void;
  };
}

/** Looks for the upstream response that broke its contract, when a function of the plan threw. Undefined: the function has a bug. */
export type FindViolation = (step: PartNode, values: readonly unknown[]) => ContractViolation | undefined;

/** Runs a step whose references have arrived. */
export type CompiledStep = (run: RunState, slot: number) => void;

/** One `each` of a plan, compiled at start. */
export interface CompiledEach {
  readonly call: CompiledCall;
  /** Its list, and those in its items, the outermost first. */
  readonly levels: readonly [CompiledLevel, ...CompiledLevel[]];
  /** Slot of the part that holds the list, where that part may be missing. */
  readonly overPart: number | undefined;
  /** The fields of an item that the call reads: items with equal fields share one call. */
  readonly itemReads: readonly Fill[];
  /** True if each item is an `ItemFrame`. */
  readonly isFramed: boolean;
  readonly fallback: FallbackValue | undefined;
  readonly concurrency: number;
  readonly name: string;
  readonly mayBeMissing: boolean;
  /** True if the value of an item is a `Part`. */
  readonly hasParts: boolean;
  readonly keepsHeaders: boolean;
  /** True if the list comes from the client, and not from an upstream. */
  readonly isOfInput: boolean;
}

/** A list that an `each` goes through. */
export interface CompiledLevel {
  readonly over: Fill;
  /** The item that holds the list, where that item may be missing. */
  readonly itemPart: Fill | undefined;
  readonly when: Fill | undefined;
  readonly maxCount: number;
}

/** The source of keys, compiled at start. */
export interface CompiledKeys {
  readonly list: Fill;
  /** The key of an item, or the keys below it. Absent: the items are the keys. */
  readonly inner: { readonly key: Fill } | { readonly keys: CompiledKeys } | undefined;
  /** True if the part that holds the list is missing. Undefined where it cannot be. */
  readonly missing: ((run: RunState) => 'failed' | 'ruled out' | undefined) | undefined;
}

/** One `batch` of a plan, compiled at start. */
export interface CompiledBatch {
  readonly call: CompiledCall;
  readonly keys: readonly CompiledKeys[];
  readonly by: string;
  readonly items: string | undefined;
  readonly fallback: FallbackValue | undefined;
  readonly when: Fill | undefined;
  readonly size: number;
  readonly maxCount: number;
  readonly concurrency: number;
  readonly keepsHeaders: boolean;
  readonly name: string;
}

/** One `pages` of a plan, compiled at start. */
export interface CompiledPages {
  readonly call: CompiledCall;
  readonly items: string | undefined;
  readonly next: PagesNode['next'];
  readonly maxPages: number;
  readonly maxItems: number;
  readonly keepsHeaders: boolean;
  readonly name: string;
}

/** One call in one request. */
export interface RequestedCall {
  readonly call: CompiledCall;
  readonly run: CallingRun;
  /** The item of an `each`, the keys of a `batch`, the cursor of `pages`, the result that an undo takes back. */
  readonly item: unknown;
  readonly asker: CallAsker;
  /** The number by which the asker knows the call. */
  readonly at: number;
  /** Its name among the writes of the request. @default the name of the part */
  readonly label?: string;
}

/** The calls of one part that are under way. */
export interface Gathering {
  start(): void;
  /** The deadline has passed: `fail` is called for every call that has not ended. */
  expire(fail: (late: RequestedCall) => void): void;
  /** The names of its writes that have not ended; undefined where it makes none, or has not begun. */
  writes?(): readonly string[] | undefined;
}

/** A node of a plan, compiled at start. */
export interface CompiledNode {
  readonly name: string;
  /** Of its call; undefined for a step. */
  readonly operation: OperationInfo | undefined;
  readonly work: CompiledWork;
  /** The request fails without it: a required call, a write, an `each` of required calls. */
  readonly critical: boolean;
  /** Its value is a `Part`. */
  readonly mayBeMissing: boolean;
  readonly fallback: FallbackValue | undefined;
  /** The number of nodes that it waits for. */
  readonly waits: number;
  /** Slots of the nodes that wait for it. */
  readonly dependents: readonly number[];
}
export type CompiledWork =
  | { readonly kind: 'call'; readonly call: CompiledCall }
  /** Several calls for one part: each, batch, pages. */
  | { readonly kind: 'gathering'; readonly gather: (run: CallingRun, slot: number) => Gathering }
  | { readonly kind: 'step'; readonly step: CompiledStep };

/** The plan, compiled at start. Nodes are numbered by slot, the named parts first. */
export interface CompiledGraph {
  readonly nodes: readonly CompiledNode[];
  readonly roots: readonly number[];
  readonly waits: readonly number[];
  /** The values at the begin of a request. */
  readonly blank: readonly unknown[];
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly reserveMs: number;
  /** Its writes, in the order of the plan. */
  readonly writes: readonly { readonly slot: number; readonly part: string }[];
  /**
   * True if some writes can succeed while others fail, or a write can be taken back. Then a request that fails waits for the outcome of its
   * writes.
   */
  readonly unwinds: boolean;
}

/**
 * The slot of the first part that the request cannot do without and that has no value; -1 where there is none. A part under a condition counts
 * once it has begun: until then the condition may still rule it out.
 */
export const firstAwaited = (
  nodes: readonly CompiledNode[],
  values: readonly unknown[],
  waits: readonly number[],
): number =>
  nodes.findIndex(
    (node, slot) => node.critical && values[slot] === pending && (!node.mayBeMissing || waits[slot] === 0),
  );
