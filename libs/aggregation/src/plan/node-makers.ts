import type { OperationInfo } from '@frontage/core';
import { toArgument } from './arguments.js';
import { callSite } from './call-site.js';
import {
  recordNode,
  type CallNode,
  type EachNode,
  type ItemNode,
  type PartNode,
  type Place,
  type StatusAnswer,
  type StepNode,
} from './nodes.js';
import { placeOf, referTo } from './references.js';
import { Refusal, type Problem } from './refusals.js';
import type { Schema } from './schema.js';

type Verb = (...args: never) => unknown;

interface AnyCallOptions {
  readonly timeoutMs?: number;
  readonly fallback?: unknown;
  readonly when?: unknown;
  readonly refuseOn?: object;
  readonly onStatus?: object;
}

/** The types of a reference are phantoms: no code can build them, so this is where an untyped reference takes the type of its verb. */
const typed = (reference: object): never => reference as never;

const recorded = (node: PartNode, verb: string): never => {
  recordNode(node, verb);
  return typed(referTo({ node, path: [] }));
};

function positive(value: number | undefined, what: string): void {
  if (value !== undefined && !(value > 0)) throw new TypeError(`${what} is ${value}: write a number above 0`);
}

const isProblem = (x: unknown): x is Problem =>
  (typeof x === 'function' || typeof x === 'object') &&
  x !== null &&
  placeOf(x) === undefined &&
  'code' in x &&
  'status' in x;

function toRefusal(given: unknown): Refusal {
  if (given instanceof Refusal) return given;
  const made: unknown = typeof given === 'function' ? given() : undefined;
  if (made instanceof Refusal) return made;
  throw new TypeError('refuseOn takes problems: { 404: problem(404, ...) }');
}

const toStatusAnswer = (given: unknown): StatusAnswer =>
  typeof given === 'function'
    ? { kind: 'function', run: (body) => given(body) as unknown }
    : { kind: 'value', value: given };

const mapMembers = <T>(record: object | undefined, map: (member: unknown) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record ?? {}).map(([key, member]) => [key, map(member)]));

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
  const when = placeOf(options.when);
  if (options.when !== undefined && when === undefined)
    throw new TypeError(
      `'when' of ${what} is no reference: write { when: caller.premium }, or a step(...) that gives true or false`,
    );
  const node: CallNode = {
    kind: 'call',
    need,
    operation,
    args: toArgument(args, `the argument of ${what}`),
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    ...('fallback' in options && { fallback: { value: options.fallback } }),
    ...(when !== undefined && { when }),
    onStatus: mapMembers(options.onStatus, toStatusAnswer),
    refuseOn: mapMembers(options.refuseOn, toRefusal),
    source,
  };
  return recorded(node, need);
}

export function makeEach(
  verb: Verb,
  items: unknown,
  makeOne: (item: never) => unknown,
  options: { readonly maxCount: number; readonly concurrency?: number },
): never {
  const source = callSite(verb);
  const what = `each(...) at ${source}`;
  const over = placeOf(items);
  if (over === undefined)
    throw new TypeError(`${what} goes over references: give it a list that the input, a call or a step brings`);
  positive(options.maxCount, `maxCount of ${what}`);
  positive(options.concurrency, `concurrency of ${what}`);
  const item: ItemNode = { kind: 'item', over };
  const call = placeOf(makeOne(typed(referTo({ node: item, path: [] }))));
  if (call?.node.kind !== 'call' || call.path.length > 0 || call.node.need === 'write')
    throw new TypeError(`${what} makes one call per item: return required(...) or optional(...) from its function`);
  const node: EachNode = {
    kind: 'each',
    over,
    item,
    call: call.node,
    maxCount: options.maxCount,
    concurrency: options.concurrency ?? 16,
    source,
  };
  return recorded(node, 'each');
}

export function makeStep(
  verb: Verb,
  schema: Schema<unknown> | undefined,
  given: Readonly<Record<string, unknown>>,
  run: (seen: never) => unknown,
): never {
  const source = callSite(verb);
  const deps: (readonly [string, Place])[] = [];
  const refuses: (readonly [string, Problem])[] = [];
  for (const [name, dep] of Object.entries(given)) {
    const place = placeOf(dep);
    if (place !== undefined) deps.push([name, place]);
    else if (isProblem(dep)) refuses.push([name, dep]);
    else
      throw new TypeError(
        `'${name}' of step(...) at ${source} is neither a reference nor a problem: a constant needs no mention, use it in the function`,
      );
  }
  // `seen` has exactly the names of `deps` and `refuses`, whose types `run` was checked against.
  const node: StepNode = { kind: 'step', schema, deps, refuses, run: (seen) => run(seen as never), source };
  return recorded(node, 'step');
}
