import type { CallerRule } from '@frontage/context';
import type { OperationInfo, ResponseFields } from '@frontage/core';
import type { FallbackValue } from './fallback-value.js';
import type { Schema } from './schema.js';

/** The way from the value of a node to one of its members: `orders.items` is the node `orders` and the path `['items']`. */
export interface FieldPath {
  readonly node: PlanNode;
  readonly path: readonly string[];
}

/** The first step of a field path that leads to the headers of a response, and not to its value. */
export const headersKey = '\0headers';

/** True if a field path leads to headers. */
export const isOfHeaders = ({ path }: FieldPath): boolean => path[0] === headersKey;

/** The input that the endpoint hands to the plan. */
export interface InputNode {
  readonly kind: 'input';
}

/** The item of one call of an `each`. */
export interface ItemNode {
  readonly kind: 'item';
  readonly over: FieldPath;
}

/** A value that only one call knows: the keys of a chunk, the cursor of a page, the result of a write, an error body. */
export interface LocalNode {
  readonly kind: 'local';
  /** Its name in messages. */
  readonly text: string;
  /** Present for the body of an error response: the status as the contract writes it. */
  readonly errorBody?: { readonly operation: OperationInfo; readonly status: string };
  /** Present for a value that a combinator makes of others, by the names that its expression has for them. */
  readonly of?: ReadonlyMap<string, FieldPath>;
}

/** An argument as data: literals are known at start, references are read per request. */
export type Argument =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'reference'; readonly field: FieldPath }
  | { readonly kind: 'object'; readonly members: readonly (readonly [key: string, argument: Argument])[] }
  | { readonly kind: 'list'; readonly items: readonly Argument[] }
  /** An idempotency key that is derived from values; in an `each`, from the index of the item too. */
  | { readonly kind: 'key'; readonly of: readonly Argument[]; readonly ofItem?: { readonly operation: string } };

/** A problem that a plan declares: its status, and a code that clients may rely on. */
export interface Problem<Code extends string = string> {
  readonly status: number;
  readonly code: Code;
  /** Of the members that a step gives it. */
  readonly schema?: Schema<unknown>;
}

/** A problem with its text. It ends the request where a step returns it, or where a status of `refuseOn` arrives. */
export class Refusal<Code extends string = string> {
  readonly problem: Problem<Code>;
  readonly args: readonly Argument[];
  /** Makes the text for the client from the values of `args`. */
  readonly detail: (values: readonly unknown[]) => string;
  /** Members that a step gives it. */
  readonly members: unknown;

  constructor(
    problem: Problem<Code>,
    args: readonly Argument[],
    detail: (values: readonly unknown[]) => string,
    members?: unknown,
  ) {
    this.problem = problem;
    this.args = args;
    this.detail = detail;
    this.members = members;
  }
}

/** The value that a declared error status becomes: a literal, or a function of the declared body. */
export type StatusValue =
  { readonly kind: 'value'; readonly of: FallbackValue } | { readonly kind: 'function'; readonly run: StatusFunction };
export type StatusFunction = (body: unknown) => unknown;

export interface CallNode {
  readonly kind: 'call';
  readonly need: 'required' | 'optional' | 'write';
  readonly operation: OperationInfo;
  readonly args: Argument;
  readonly timeoutMs?: number;
  /** Tried in this order when the call fails, before the fallback value. */
  readonly fallbackSources: readonly FallbackSource[];
  /** Present where the part always has a value in the end. The value may be anything, `undefined` too. */
  readonly fallbackValue?: FallbackValue;
  /** The call is sent only where this field holds `true`; otherwise the part is missing, which is no error. */
  readonly when?: FieldPath;
  /** The callers that it is sent for; absent: all whom the route lets in. */
  readonly access?: CallerRule;
  /** By status as the contract writes it: `404`, `4XX`, `default`. */
  readonly onStatus: Readonly<Record<string, StatusValue>>;
  readonly refuseOn: Readonly<Record<string, Refusal>>;
  /** The nodes that must have ended before, with any outcome, beside those that the arguments read. */
  readonly after: readonly FieldPath[];
  /** Of a write: templates of the tags whose cached responses are invalid after it. */
  readonly invalidates?: readonly string[];
  /** For a write: the write that takes it back, made of its result. */
  readonly undo?: { readonly result: LocalNode; readonly call: CallNode };
  /** file:line:column of the call in the plan. */
  readonly source: string;
  /** The name of the plan that was included with it. */
  readonly included?: string;
}

/** A fallback of a failed call that is not a literal. */
export type FallbackSource =
  { readonly kind: 'last_good'; readonly maxAgeMs: number } | { readonly kind: 'call'; readonly call: CallNode };

export interface EachNode {
  readonly kind: 'each';
  readonly over: FieldPath;
  readonly item: ItemNode;
  /** The call of an item; where `inner` goes through lists in the items, that of an item of the innermost one. */
  readonly call: CallNode;
  /** The `each` over a list in each item. */
  readonly inner?: EachNode;
  readonly maxCount: number;
  readonly concurrency: number;
  readonly when?: FieldPath;
  readonly source: string;
  readonly included?: string;
}

/** An `each` and those within it, the outermost first. */
export const levelsOf = (node: EachNode): readonly EachNode[] =>
  node.inner === undefined ? [node] : [node, ...levelsOf(node.inner)];

/** The source of keys: a list of them, or a list of items that hold them, at any depth. */
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
  /** The member of the response that holds the rows. Absent: the response is the list. */
  readonly items?: string;
  readonly size: number;
  readonly maxCount: number;
  readonly concurrency: number;
  readonly when?: FieldPath;
  readonly source: string;
  readonly included?: string;
}

/** The begin of the next page; null, undefined or '' after the last one. */
export type Cursor = string | number | null | undefined;

export interface PagesNode {
  readonly kind: 'pages';
  readonly call: CallNode;
  readonly cursor: LocalNode;
  /** The member of the response that holds the items. Absent: the response is the list. */
  readonly items?: string;
  /** The member that holds the next cursor, or a function of a page and the count of pages so far. */
  readonly next: string | ((page: unknown, pages: number, headers: ResponseFields) => Cursor);
  readonly maxPages: number;
  readonly maxItems: number;
  readonly source: string;
  readonly included?: string;
}

export interface StepNode {
  readonly kind: 'step';
  /** The schema of the result; needed where a view reads from the step. */
  readonly schema: Schema<unknown> | undefined;
  readonly deps: readonly (readonly [name: string, field: FieldPath])[];
  readonly refuses: readonly (readonly [name: string, problem: Problem])[];
  /** It has no value and only decides whether the request goes on. */
  readonly isRule?: true;
  readonly run: (seen: Readonly<Record<string, unknown>>) => unknown;
  readonly source: string;
  readonly included?: string;
}

export type PlanNode = InputNode | ItemNode | LocalNode | PartNode;
/** The nodes that a plan names. */
export type PartNode = CallNode | EachNode | BatchNode | PagesNode | StepNode;

/** A named node of a plan. Its index in `plan.parts` is its index in the values of a run. */
export interface PlanPart {
  readonly name: string;
  readonly node: PartNode;
}

/** The call of a part, sent once or many times; undefined for a step. */
export function callOf(node: PartNode): CallNode | undefined {
  return node.kind === 'step' ? undefined : node.kind === 'call' ? node : node.call;
}

/** Every call that a part may make: its own, its fallbacks, and its undo. */
export function callsOf(node: PartNode): readonly CallNode[] {
  const call = callOf(node);
  if (call === undefined) return [];
  const others = call.fallbackSources.flatMap((fallback) => (fallback.kind === 'call' ? callsOf(fallback.call) : []));
  return [call, ...others, ...(call.undo === undefined ? [] : callsOf(call.undo.call))];
}

const names = new WeakMap<PlanNode, string>();

/** Names a node for messages: the part name, once the plan has given it. */
export function nameNode(node: PlanNode, name: string): void {
  names.set(node, name);
}

/** The name of a node in messages. */
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
  if (path[0] === headersKey) return ['headersOf(' + nodeText(node) + ')', ...path.slice(1)].join('.');
  return node.kind === 'input' && path.length > 0 ? path.join('.') : [nodeText(node), ...path].join('.');
}
