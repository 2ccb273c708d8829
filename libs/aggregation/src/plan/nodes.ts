import type { OperationInfo } from '@frontage/core';
import type { Argument } from './arguments.js';
import type { Problem, Refusal } from './refusals.js';
import type { Schema } from './schema.js';

/** A place in what a node brings: `orders.items` is the node `orders` and the path `['items']`. */
export interface Place {
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
  readonly over: Place;
}

/** What to do about a declared error status: stand in a value, or what a function makes of the declared body. */
export type StatusAnswer =
  { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'function'; readonly run: StatusFunction };
export type StatusFunction = (body: unknown) => unknown;

export interface CallNode {
  readonly kind: 'call';
  readonly need: 'required' | 'optional' | 'write';
  readonly operation: OperationInfo;
  readonly args: Argument;
  readonly timeoutMs?: number;
  /** Present where the call has a fallback; the value may be anything, `undefined` too. */
  readonly fallback?: { readonly value: unknown };
  /** The call is sent only where this place holds `true`. */
  readonly when?: Place;
  /** By status as the contract writes it: `404`, `4XX`, `default`. */
  readonly onStatus: Readonly<Record<string, StatusAnswer>>;
  readonly refuseOn: Readonly<Record<string, Refusal>>;
  /** file:line:column of the call in the plan. */
  readonly source: string;
}

export interface EachNode {
  readonly kind: 'each';
  readonly over: Place;
  readonly item: ItemNode;
  readonly call: CallNode;
  readonly maxCount: number;
  readonly concurrency: number;
  readonly source: string;
}

export interface StepNode {
  readonly kind: 'step';
  /** Of what the step returns; needed where an answer reads from the step. */
  readonly schema: Schema<unknown> | undefined;
  readonly deps: readonly (readonly [name: string, place: Place])[];
  readonly refuses: readonly (readonly [name: string, problem: Problem])[];
  readonly run: (seen: Readonly<Record<string, unknown>>) => unknown;
  readonly source: string;
}

export type PlanNode = InputNode | ItemNode | CallNode | EachNode | StepNode;
/** The nodes that a plan gives a name to. */
export type PartNode = CallNode | EachNode | StepNode;

/** Can this be missing in a page that is answered? What refers to it must say what to do then. */
export function mayBeAbsent(node: PlanNode): boolean {
  switch (node.kind) {
    case 'call':
      return node.need === 'optional' && node.fallback === undefined;
    case 'each':
    case 'item':
      return mayBeAbsent(node.over.node);
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
      return `${placeText(node.over)}[]`;
    case 'call':
      return node.operation.id;
    case 'each':
      return `each(${placeText(node.over)})`;
    case 'step':
      return 'a step';
  }
}

/** `orders.items`, `caller.subject`, `orders.items[].id`. */
export function placeText({ node, path }: Place): string {
  return node.kind === 'input' && path.length > 0 ? path.join('.') : [nodeText(node), ...path].join('.');
}

let building: PartNode[] | undefined;

/** Runs `build` and returns, beside its result, every node that was made meanwhile. */
export function collectNodes<R>(build: () => R): { readonly result: R; readonly nodes: readonly PartNode[] } {
  const outer = building;
  const nodes: PartNode[] = [];
  building = nodes;
  try {
    return { result: build(), nodes };
  } finally {
    building = outer;
  }
}

/** Adds a node to the plan under construction. */
export function recordNode(node: PartNode, verb: string): void {
  if (building === undefined)
    throw new TypeError(`${verb}(...) at ${node.source} stands outside of plan(...): call it in the plan's function`);
  building.push(node);
}
