import type { MissingStatus } from '@frontage/core';
import type { BadPayload, EvaluationScope } from './scope/evaluation-scope.js';
import { callOf, levelsOf, type EachNode, type CallNode, type PlanPart } from '../model/nodes.js';
import type { MissingItems, MissingPart, PartsReport } from '../model/parts-report.js';
import { itemsIn } from '../run/page-items.js';

const status: MissingStatus = 'bad_payload';
const missing = Object.freeze({ ok: false, status });

/**
 * The values of one run while its view is rendered. A part that turns out to be unreadable counts as missing from then on, as if the run
 * had noticed it.
 */
export class RunValues implements EvaluationScope {
  values: readonly unknown[];
  readonly input: Readonly<Record<string, unknown>>;
  readonly headers: EvaluationScope['headers'];
  slots: unknown[];
  readonly #parts: readonly PlanPart[];
  readonly #blank: readonly unknown[];
  /** The contract violations that were found, in words, with the index of their part; one per field path. */
  violations: Map<string, number> | undefined = undefined;
  #found: Map<string, MissingPart | MissingItems> | undefined;

  /** @param blank one `undefined` per slot, copied at the begin of an evaluation */
  constructor(
    parts: readonly PlanPart[],
    values: readonly unknown[],
    input: Readonly<Record<string, unknown>>,
    blank: readonly unknown[],
    headers?: EvaluationScope['headers'],
  ) {
    this.#parts = parts;
    this.values = values;
    this.input = input;
    this.#blank = blank;
    this.headers = headers;
    this.slots = blank.slice();
  }

  /** Drops the values that were made of replaced values. */
  restart(): void {
    this.slots = this.#blank.slice();
  }

  repair({ part: position, item, message }: BadPayload): { readonly value: unknown } | undefined {
    (this.violations ??= new Map()).set(message, position);
    const part = this.#parts[position];
    const call = part && callOf(part.node);
    if (part === undefined || call?.need !== 'optional') return undefined;
    if (part.node.kind === 'each') return this.#repairItems(part.name, part.node, position, item);
    if (this.#found?.has(part.name) === true && part.node.kind !== 'batch') return undefined;
    if (part.node.kind === 'batch') return this.#repairRows(part.name, position, item);
    // The responses of fallbacks were not checked more closely: only a fallback value is certain.
    const { fallbackValue } = call;
    const fallback =
      part.node.kind === 'pages' ? pagesFallbackOrMissing(fallbackValue, part.node.items) : fallbackOrMissing(call);
    this.#note(part.name, { status, source: fallbackValue === undefined ? 'none' : 'fallback' });
    this.#replace(position, fallback.value);
    return fallback;
  }

  /** One row of a table, or all rows where the row is not known. */
  #repairRows(name: string, position: number, row: unknown): { readonly value: unknown } | undefined {
    const rows = this.values[position];
    if (!(rows instanceof Map) || rows.size === 0) return undefined;
    const known = this.#found?.get(name);
    const before = known !== undefined && 'items' in known ? known.items : {};
    const table = rows as ReadonlyMap<string | number, unknown>;
    const at = [...table].find(([, value]) => value === row)?.[0];
    const lost = at === undefined ? [...table.keys()] : [at];
    const kept = new Map(table);
    for (const key of lost) kept.delete(key);
    this.#replace(position, kept);
    this.#note(name, { items: { ...before, ...Object.fromEntries(lost.map((key) => [key, status])) } });
    return { value: undefined };
  }

  /** One item, or all items where the item is not known. */
  #repairItems(name: string, node: EachNode, position: number, item: unknown): { readonly value: unknown } | undefined {
    const values = this.values[position];
    // An `each` over a list that may be missing is a part around its items.
    const wrapped = isPresent(values);
    const items: unknown = wrapped ? values.value : values;
    if (!isList(items)) return undefined;
    const known = this.#found?.get(name);
    const before = known !== undefined && 'items' in known ? known.items : {};
    const depth = levelsOf(node).length;
    const path = item === undefined ? undefined : pathTo(item, items, depth);
    const lost =
      path === undefined ? pathsIn(items, depth).filter((one) => !Object.hasOwn(before, one.join('.'))) : [path];
    if (lost.length === 0) return undefined;
    const fallback = fallbackOrMissing(node.call);
    const replaced = lost.reduce((list, one) => withItem(list, one, fallback.value), items);
    this.#replace(position, wrapped ? { ok: true, value: replaced } : replaced);
    this.#note(name, { items: { ...before, ...Object.fromEntries(lost.map((one) => [one.join('.'), status])) } });
    return fallback;
  }

  /** The parts that the run and the rendering are missing, in the order of the plan. */
  report(ofRun: PartsReport | undefined): PartsReport | undefined {
    const found = this.#found;
    if (found === undefined) return ofRun;
    const entries = this.#parts.flatMap(({ name }) => {
      const here = found.get(name);
      const there = ofRun?.[name];
      if (here === undefined) return there === undefined ? [] : [[name, there] as const];
      if (there === undefined || !('items' in there) || !('items' in here)) return [[name, here] as const];
      return [[name, { items: { ...there.items, ...here.items } }] as const];
    });
    return Object.fromEntries(entries);
  }

  #note(name: string, what: MissingPart | MissingItems): void {
    (this.#found ??= new Map()).set(name, what);
  }

  #replace(position: number, value: unknown): void {
    this.values = this.values.with(position, value);
  }
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** The index of an item, after those of the items around it. */
type ItemPath = readonly number[];

const listIn = (item: unknown): readonly unknown[] => {
  const inner = isPresent(item) ? item.value : item;
  return Array.isArray(inner) ? inner : [];
};

/** The place of an item in a list, or in the lists in its items. */
function pathTo(item: unknown, list: readonly unknown[], depth: number): ItemPath | undefined {
  if (depth === 1) {
    const at = list.indexOf(item);
    return at < 0 ? undefined : [at];
  }
  for (const [at, each] of list.entries()) {
    const below = pathTo(item, listIn(each), depth - 1);
    if (below !== undefined) return [at, ...below];
  }
  return undefined;
}

const pathsIn = (list: readonly unknown[], depth: number): readonly ItemPath[] =>
  list.flatMap((item, at) => (depth === 1 ? [[at]] : pathsIn(listIn(item), depth - 1).map((below) => [at, ...below])));

function withItem(list: readonly unknown[], [at = 0, ...below]: ItemPath, instead: unknown): readonly unknown[] {
  if (below.length === 0) return list.with(at, instead);
  const made = withItem(listIn(list[at]), below, instead);
  return list.with(at, isPresent(list[at]) ? { ok: true, value: made } : made);
}

const pagesFallbackOrMissing = (
  fallback: CallNode['fallbackValue'],
  items: string | undefined,
): { readonly value: unknown } =>
  fallback === undefined ? { value: missing } : { value: itemsIn(fallback.value, items) };
/** Read once: where it holds a Map or bytes, each read makes a copy. */
const fallbackOrMissing = ({ fallbackValue }: CallNode): { readonly value: unknown } => ({
  value: fallbackValue === undefined ? missing : fallbackValue.value,
});
const isPresent = (x: unknown): x is { readonly ok: true; readonly value: unknown } =>
  typeof x === 'object' && x !== null && 'ok' in x && x.ok === true && 'value' in x;
