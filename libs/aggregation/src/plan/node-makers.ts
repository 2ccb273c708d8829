import { callerRule, type CallerConditions } from '@frontage/context';
import { isSafe, markSafe, type OperationInfo } from '@frontage/core';
import { toArgument } from '../model/arguments.js';
import { callSite } from '../model/call-site.js';
import { FallbackValue } from '../model/fallback-value.js';
import {
  Refusal,
  type CallNode,
  type EachNode,
  type ItemNode,
  type LocalNode,
  type PartNode,
  type FieldPath,
  type Problem,
  type StatusValue,
} from '../model/nodes.js';
import { inclusion, recordNode } from '../model/construction.js';
import { fieldPathOf, referTo } from '../model/references.js';
import { readFallback } from './fallbacks.js';

export type Verb = (...args: never) => unknown;

export interface AnyCallOptions {
  readonly timeoutMs?: number;
  readonly fallback?: unknown;
  readonly when?: unknown;
  readonly refuseOn?: object;
  readonly onStatus?: object;
  readonly after?: readonly unknown[];
  readonly undo?: (result: never) => unknown;
  readonly invalidates?: readonly string[];
  readonly safe?: true;
  readonly access?: CallerConditions;
}

/** The types of a reference are phantoms that no code can build: here an untyped reference takes the type of its verb. */
export const typed = (reference: object): never => reference as never;

export const recorded = (node: PartNode, verb: string): never => {
  recordNode(node, verb);
  return typed(referTo({ node, path: [] }));
};

/** @throws {TypeError} for a number that is not above 0 */
export function positive(value: number | undefined, what: string): void {
  if (value !== undefined && !(value > 0)) throw new TypeError(`${what} is ${value}: write a number above 0`);
}

export const isProblem = (x: unknown): x is Problem =>
  (typeof x === 'function' || typeof x === 'object') &&
  x !== null &&
  fieldPathOf(x) === undefined &&
  'code' in x &&
  'status' in x;

/** A problem, its refusal, or a function that makes one of a reference to the declared error body. */
function toRefusal(given: unknown, status: string, operation: OperationInfo, what: string): Refusal {
  const refusal = readyRefusal(given);
  if (refusal !== undefined) return refusal;
  if (typeof given === 'function') {
    const body: LocalNode = {
      kind: 'local',
      text: `the error body ${status} of ${operation.id}`,
      errorBody: { operation, status },
    };
    const made = readyRefusal(given(typed(referTo({ node: body, path: [] }))));
    if (made !== undefined) return made;
  }
  throw new TypeError(
    `refuseOn '${status}' of ${what} takes a problem: { ${status}: problem(404, ...) }, or a function of the error body that returns one`,
  );
}

export function readyRefusal(given: unknown): Refusal | undefined {
  const made: unknown = typeof given === 'function' && isProblem(given) ? Reflect.apply(given, undefined, []) : given;
  return made instanceof Refusal ? made : undefined;
}

const toStatusValue = (given: unknown, status: string, what: string): StatusValue =>
  typeof given === 'function'
    ? { kind: 'function', run: (body) => given(body) as unknown }
    : { kind: 'value', of: new FallbackValue(given, `onStatus '${status}' of ${what}`) };

/**
 * Reads `when`: a condition is known per request.
 * @throws {TypeError} for anything but a reference
 */
export function readWhen(given: unknown, what: string): { readonly when?: FieldPath } {
  if (given === undefined) return {};
  const when = fieldPathOf(given);
  if (when !== undefined) return { when };
  throw new TypeError(
    `'when' of ${what} is no reference: write { when: caller.premium }, or a step(...) that gives true or false`,
  );
}

function readAfter(given: readonly unknown[] | undefined, what: string): readonly FieldPath[] {
  return (given ?? []).map((ref) => {
    const field = fieldPathOf(ref);
    if (field !== undefined) return { node: field.node, path: [] };
    throw new TypeError(`'after' of ${what} names something else than a part: write { after: [payment] }`);
  });
}

function readUndo(undo: AnyCallOptions['undo'], what: string): { readonly undo?: NonNullable<CallNode['undo']> } {
  if (undo === undefined) return {};
  const result: LocalNode = { kind: 'local', text: `the result of ${what}` };
  const field = fieldPathOf(undo(typed(referTo({ node: result, path: [] }))));
  if (field?.node.kind !== 'call' || field.path.length > 0 || field.node.need !== 'write')
    throw new TypeError(`'undo' of ${what} makes one call: return write(...) from its function`);
  if (field.node.undo !== undefined)
    throw new TypeError(`'undo' of ${what} has an undo of its own: nothing would run it`);
  return { undo: { result, call: field.node } };
}

function readInvalidates(given: unknown, what: string): { readonly invalidates?: readonly string[] } {
  if (given === undefined) return {};
  if (Array.isArray(given) && given.every((tag): tag is string => typeof tag === 'string' && tag !== ''))
    return given.length === 0 ? {} : { invalidates: given };
  throw new TypeError(`'invalidates' of ${what} takes a list of tags: write { invalidates: ['of:{caller}'] }`);
}

const mapMembers = <T>(
  record: object | undefined,
  map: (member: unknown, key: string) => T,
): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record ?? {}).map(([key, member]) => [key, map(member, key)]));

/** @throws {TypeError} where the verb does not fit the operation */
function readOperation(need: CallNode['need'], operation: OperationInfo, isMarked: boolean, what: string) {
  const { method, id } = operation;
  if (need === 'write' && isSafe(operation))
    throw new TypeError(`${what}: ${id} only reads: call it with required(...) or optional(...)`);
  if (need === 'write') return operation;
  if (isSafe(operation)) return operation;
  if (isMarked) return markSafe(operation);
  throw new TypeError(
    `${what}: a ${method} changes something: call it with write(...), or where it only reads, with { safe: true }`,
  );
}

export function makeCall(
  need: CallNode['need'],
  verb: Verb,
  operation: OperationInfo,
  args: unknown,
  options: AnyCallOptions,
): never {
  const source = callSite(verb);
  const what = `${need}(${operation.id}) at ${source}`;
  positive(options.timeoutMs, `timeoutMs of ${what}`);
  const node: CallNode = {
    kind: 'call',
    need,
    operation: readOperation(need, operation, options.safe === true, what),
    args: toArgument(args, `the argument of ${what}`),
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    ...('fallback' in options ? readFallback(options.fallback, need, what) : { fallbackSources: [] }),
    ...readWhen(options.when, what),
    ...(options.access && { access: callerRule(options.access, `access of ${what}: `) }),
    onStatus: mapMembers(options.onStatus, (given, status) => toStatusValue(given, status, what)),
    refuseOn: mapMembers(options.refuseOn, (given, status) => toRefusal(given, status, operation, what)),
    after: readAfter(options.after, what),
    ...readUndo(options.undo, what),
    ...readInvalidates(options.invalidates, what),
    source,
    ...inclusion(),
  };
  return recorded(node, need);
}

/**
 * The call that a function returns for a chunk or a page.
 * @throws {TypeError} for anything but a read
 */
export function oneRead(made: unknown, what: string, per: string): CallNode {
  const call = fieldPathOf(made);
  if (call?.node.kind !== 'call' || call.path.length > 0 || call.node.need === 'write')
    throw new TypeError(`${what} makes one call per ${per}: return required(...) or optional(...) from its function`);
  return call.node;
}

export function makeEach(
  verb: Verb,
  items: unknown,
  makeOne: (item: never) => unknown,
  options: { readonly maxCount: number; readonly concurrency?: number; readonly when?: unknown },
): never {
  const source = callSite(verb);
  const what = `each(...) at ${source}`;
  const over = fieldPathOf(items);
  if (over === undefined)
    throw new TypeError(`${what} goes over references: give it a list that the input, a call or a step brings`);
  positive(options.maxCount, `maxCount of ${what}`);
  positive(options.concurrency, `concurrency of ${what}`);
  const item: ItemNode = { kind: 'item', over };
  const { call, inner } = callOrEach(makeOne(typed(referTo({ node: item, path: [] }))), what);
  const made: EachNode = {
    kind: 'each',
    over,
    item,
    call,
    ...(inner !== undefined && { inner }),
    maxCount: options.maxCount,
    concurrency: options.concurrency ?? (call.need === 'write' ? 1 : 16),
    ...readWhen(options.when, what),
    source,
    ...inclusion(),
  };
  return recorded(made, 'each');
}

/**
 * The call that a function returns for one item, or the `each` over a list in it.
 * @throws {TypeError} for anything else
 */
function callOrEach(made: unknown, what: string): { readonly call: CallNode; readonly inner?: EachNode } {
  const field = fieldPathOf(made);
  if (field?.path.length === 0 && field.node.kind === 'call') return { call: field.node };
  if (field?.path.length === 0 && field.node.kind === 'each') return { call: field.node.call, inner: field.node };
  throw new TypeError(
    `${what} makes one call per item: return required(...), optional(...), write(...) or another each(...) from its function`,
  );
}
