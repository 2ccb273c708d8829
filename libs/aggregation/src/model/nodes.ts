import type { OperationInfo } from '@frontage/core';
import type { FallbackValue } from './fallback-value.js';
import type { Schema } from './schema.js';

/** A place in what a node brings: `orders.items` is the node `orders` and the path `['items']`. */
export interface FieldPath {
  readonly node: PlanNode;
  readonly path: readonly string[];
}

/** What the endpoint hands to the plan. */
export interface InputNode {
  readonly kind: 'input';
}

/** The item that a call of `each` is made for. */
export interface ItemNode {
  readonly kind: 'item';
  readonly over: FieldPath;
}

/** What only the call in hand knows: the keys of a chunk, the cursor of a page, the result of a write. */
export interface LocalNode {
  readonly kind: 'local';
  /** How it is called in messages. */
  readonly text: string;
}

/** An argument as data: what of it is known at start, and what is read per request. */
export type Argument =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'reference'; readonly field: FieldPath }
  | { readonly kind: 'object'; readonly members: readonly (readonly [key: string, argument: Argument])[] }
  | { readonly kind: 'list'; readonly items: readonly Argument[] };

/** A problem answer that a plan declares: its status, and a code that clients may rely on. */
export interface Problem<Code extends string = string> {
  readonly status: number;
  readonly code: Code;
}

/** A problem with its words: ends the request where a step returns it, or where a status of `refuseOn` arrives. */
export class Refusal<Code extends string = string> {
  readonly problem: Problem<Code>;
  readonly args: readonly Argument[];
  /** The text for the client, made of the values of `args`. */
  readonly detail: (values: readonly unknown[]) => string;

  constructor(problem: Problem<Code>, args: readonly Argument[], detail: (values: readonly unknown[]) => string) {
    this.problem = problem;
    this.args = args;
    this.detail = detail;
  }
}

/** What to do about a declared error status: stand in a value, or what a function makes of the declared body. */
export type StatusValue =
  { readonly kind: 'value'; readonly of: FallbackValue } | { readonly kind: 'function'; readonly run: StatusFunction };
export type StatusFunction = (body: unknown) => unknown;

export interface CallNode {
  readonly kind: 'call';
  readonly need: 'required' | 'optional' | 'write';
  readonly operation: OperationInfo;
  readonly args: Argument;
  readonly timeoutMs?: number;
  /** What is tried when the call fails, in this order, before the fallback value. */
  readonly fallbackSources: readonly FallbackSource[];
  /** Present where there is always a value in the end; the value may be anything, `undefined` too. */
  readonly fallbackValue?: FallbackValue;
  /** The call is sent only where this place holds `true`. */
  readonly when?: FieldPath;
  /** By status as the contract writes it: `404`, `4XX`, `default`. */
  readonly onStatus: Readonly<Record<string, StatusValue>>;
  readonly refuseOn: Readonly<Record<string, Refusal>>;
  /** What must have ended before, whatever came of it, beside what the arguments read. */
  readonly after: readonly FieldPath[];
  /** Of a write: the write that takes it back, made of its result. */
  readonly undo?: { readonly result: LocalNode; readonly call: CallNode };
  /** file:line:column of the call in the plan. */
  readonly source: string;
  /** The plan that was included with it. */
  readonly included?: string;
}

/** What stands in for a call that failed. */
export type FallbackSource =
  { readonly kind: 'last_good'; readonly maxAgeMs: number } | { readonly kind: 'call'; readonly call: CallNode };

export interface EachNode {
  readonly kind: 'each';
  readonly over: FieldPath;
  readonly item: ItemNode;
  readonly call: CallNode;
  readonly maxCount: number;
  readonly concurrency: number;
  readonly when?: FieldPath;
  readonly source: string;
  readonly included?: string;
}

/** Where keys come from: a list of them, or a list of what holds them, down to any depth. */
export interface KeySource {
  readonly list: FieldPath;
  /** Absent: the items are the keys. */
  readonly inner?: { readonly item: ItemNode; readonly of: FieldPath | KeySource };
}

export interface BatchNode {
  readonly kind: 'batch';
  readonly keys: readonly KeySource[];
  /** The keys of one call. */
  readonly chunk: LocalNode;
  readonly call: CallNode;
  /** The member of a row that holds its key. */
  readonly by: string;
  /** The member of the answer that holds the rows; absent: the answer is the list. */
  readonly items?: string;
  readonly size: number;
  readonly maxCount: number;
  readonly concurrency: number;
  readonly when?: FieldPath;
  readonly source: string;
  readonly included?: string;
}

/** Where the next page begins; null, undefined or '' after the last one. */
export type Cursor = string | number | null | undefined;

export interface PagesNode {
  readonly kind: 'pages';
  readonly call: CallNode;
  readonly cursor: LocalNode;
  /** The member of the answer that holds the items; absent: the answer is the list. */
  readonly items?: string;
  /** The member that holds the next cursor, or what makes it of a page and the count of pages so far. */
  readonly next: string | ((page: unknown, pages: number) => Cursor);
  readonly maxPages: number;
  readonly maxItems: number;
  readonly source: string;
  readonly included?: string;
}

export interface StepNode {
  readonly kind: 'step';
  /** Of what the step returns; needed where an answer reads from the step. */
  readonly schema: Schema<unknown> | undefined;
  readonly deps: readonly (readonly [name: string, field: FieldPath])[];
  readonly refuses: readonly (readonly [name: string, problem: Problem])[];
  readonly run: (seen: Readonly<Record<string, unknown>>) => unknown;
  readonly source: string;
  readonly included?: string;
}

export type PlanNode = InputNode | ItemNode | LocalNode | PartNode;
/** The nodes that a plan gives a name to. */
export type PartNode = CallNode | EachNode | BatchNode | PagesNode | StepNode;

/** A named node of a plan; its place in `plan.parts` is its place in the values of a run. */
export interface PlanPart {
  readonly name: string;
  readonly node: PartNode;
}

/** The call that a part is made of, be it once or many times; a step has none. */
export function callOf(node: PartNode): CallNode | undefined {
  return node.kind === 'step' ? undefined : node.kind === 'call' ? node : node.call;
}

/** Every call that a part may make: its own, those that stand in for it, and those that take it back. */
export function callsOf(node: PartNode): readonly CallNode[] {
  const call = callOf(node);
  if (call === undefined) return [];
  const others = call.fallbackSources.flatMap((fallback) => (fallback.kind === 'call' ? callsOf(fallback.call) : []));
  return [call, ...others, ...(call.undo === undefined ? [] : callsOf(call.undo.call))];
}

/** Can this be missing in a page that is answered? What refers to it must say what to do then. */
export function mayBeMissing(node: PlanNode): boolean {
  switch (node.kind) {
    case 'call':
      return node.need === 'optional' && node.fallbackValue === undefined;
    case 'each':
    case 'item':
      return mayBeMissing(node.over.node);
    case 'pages':
      return mayBeMissing(node.call);
    default:
      return false;
  }
}

const names = new WeakMap<PlanNode, string>();

/** Names a node for messages: the part name, once the plan has given it. */
export function nameNode(node: PlanNode, name: string): void {
  names.set(node, name);
}

/** How a node is called in messages. */
export function nodeText(node: PlanNode): string {
  const name = names.get(node);
  if (name !== undefined) return name;
  switch (node.kind) {
    case 'input':
      return 'the input';
    case 'item':
      return `${fieldPathText(node.over)}[]`;
    case 'call':
      return node.operation.id;
    case 'each':
      return `each(${fieldPathText(node.over)})`;
    case 'batch':
      return `batch(${node.call.operation.id})`;
    case 'pages':
      return `pages(${node.call.operation.id})`;
    case 'local':
      return node.text;
    case 'step':
      return 'a step';
  }
}

/** `orders.items`, `caller.subject`, `orders.items[].id`. */
export function fieldPathText({ node, path }: FieldPath): string {
  return node.kind === 'input' && path.length > 0 ? path.join('.') : [nodeText(node), ...path].join('.');
}
