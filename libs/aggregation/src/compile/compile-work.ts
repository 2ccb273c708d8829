import type { BodyReader } from '@frontage/context';
import {
  levelsOf,
  type BatchNode,
  type CallNode,
  type EachNode,
  type KeySource,
  type PartNode,
  type FieldPath,
  type PlanNode,
} from '../model/nodes.js';
import { mayBeMissing } from '../model/absence.js';
import { areHeadersRead } from '../model/node-traits.js';
import { fieldPathsIn } from '../model/arguments.js';
import { ownArguments, ownFieldPaths } from '../plan/plan-check.js';
import type { Part } from '../model/references.js';
import type {
  FindViolation,
  CompiledBatch,
  CompiledCall,
  CompiledEach,
  CompiledKeys,
  CompiledLevel,
  CompiledFallbackSource,
  CompiledWork,
} from '../run/compiled.js';
import { compileCall, ruledOutPart } from '../execution/compiled-call.js';
import { compileStep } from '../execution/compiled-step.js';
import { BatchRun } from '../execution/batch-run.js';
import { EachRun } from '../execution/each-run.js';
import { PagesRun } from '../execution/pages-run.js';
import type { Bind, CallTerms, PlanPolicy } from './bind.js';
import { compileMembers } from '../problems/compile-members.js';
import { compilePlannedValue } from './planned-value.js';
import { compileClassification } from './outcome-classification.js';
import { compileFill, compileRead, localIn, plainScope, type LocalScope, type SlotOf } from '../run/fill.js';
import type { FieldShapes } from '../schema/field-shapes.js';
import { callPerItem, fallbackCalls, isOfItemHeaders, itemPartOf } from './item-keys.js';
import { neededValues } from './needed-values.js';
import { rowsOfCall } from './rows-of-call.js';
import type { LastGoodStore } from '../run/last-good.js';

/** The setting in which the nodes of a plan are compiled. */
export interface WorkSetting {
  readonly bind: Bind;
  readonly policy: PlanPolicy;
  readonly deadlineMs: number;
  readonly slotOf: SlotOf;
  /** The names of the parts that the node reads, through steps too. */
  readonly sources: readonly string[];
  readonly lastGood: LastGoodStore;
  readonly findViolation: FindViolation;
  readonly shapes: FieldShapes;
}

export function compileWork(node: PartNode, name = '', setting: WorkSetting, readBody?: BodyReader): CompiledWork {
  switch (node.kind) {
    case 'step':
      return {
        kind: 'step',
        step: compileStep(
          compilePlannedValue(node),
          name === '' ? undefined : name,
          setting.slotOf,
          setting.findViolation,
        ),
      };
    case 'call':
      return { kind: 'call', call: compilePartCall(node, { name, readBody }, setting) };
    case 'each': {
      const each = compileEach(node, { name, readBody }, setting);
      return { kind: 'gathering', gather: (run, slot) => new EachRun(each, run, slot) };
    }
    case 'batch': {
      const batch = compileBatch(node, name, setting);
      return { kind: 'gathering', gather: (run, slot) => new BatchRun(batch, run, slot) };
    }
    case 'pages': {
      const { items, next, maxPages, maxItems } = node;
      const call = compilePartCall(node.call, { name }, setting);
      const pages = { call, items, next, maxPages, maxItems, keepsHeaders: areHeadersRead(node), name };
      return { kind: 'gathering', gather: (run, slot) => new PagesRun(pages, run, slot) };
    }
  }
}

/** The part that a call is made for, and the role of the call. */
interface PartOfCall {
  readonly name: string;
  /** @default 'call' */
  readonly role?: CallTerms['role'];
  readonly readBody?: BodyReader | undefined;
  readonly rows?: CallTerms['rows'];
  /** The items that the call sees. @default none beside its own */
  readonly scope?: LocalScope;
}

function compilePartCall(
  node: CallNode,
  { name, role = 'call', readBody, rows, scope = plainScope }: PartOfCall,
  setting: WorkSetting,
): CompiledCall {
  const { bind, policy, deadlineMs, slotOf, lastGood } = setting;
  // Policy for a part holds for its own call; an undo has the time that the plan gives it.
  const tightened = role === 'call' ? (policy.calls?.[name]?.timeoutMs ?? Infinity) : Infinity;
  const stated = Math.min(node.timeoutMs ?? Infinity, tightened);
  const terms = {
    part: name,
    need: node.need,
    role,
    ...(stated < Infinity && { timeoutMs: stated }),
    ...(node.invalidates && { invalidates: node.invalidates }),
    ...(readBody && { readBody }),
    ...(rows && { rows }),
  };
  // A write has the plan's whole deadline by default, counted from when it is sent: it may outlive the request.
  const timeoutMs = node.need === 'write' && stated === Infinity ? deadlineMs : stated;
  const fallbackSources = node.fallbackSources.map((fallback): CompiledFallbackSource => {
    return fallback.kind === 'last_good'
      ? fallback
      : { kind: 'call', call: compilePartCall(fallback.call, { name, role: 'fallback', scope }, setting) };
  });
  const ages = node.fallbackSources.flatMap((fallback) => (fallback.kind === 'last_good' ? fallback.maxAgeMs : []));
  const { contract, id } = node.operation;
  return compileCall(node, {
    part: name,
    sources: setting.sources,
    execute: bind(node.operation, terms),
    timeoutMs,
    after: slotsThatMayBeMissing(node, slotOf),
    slotOf,
    compileMembers,
    fallbackSources,
    keep:
      ages.length === 0
        ? undefined
        : { operation: `${contract.upstream} ${id}`, store: lastGood, forMs: Math.max(...ages) },
    classify: compileClassification(node),
    undo:
      node.undo &&
      compilePartCall(node.undo.call, { name, role: 'undo', scope: within(scope, node.undo.result) }, setting),
    mustHave: neededValues(node, setting.shapes),
    itemParts: itemPartsOf(node, scope),
    scope,
  });
}

/** The scope with one more value inside. */
const within = ({ nodes, isFramed }: LocalScope, node: PlanNode): LocalScope => ({ nodes: [node, ...nodes], isFramed });

function itemPartsOf(node: CallNode, scope: LocalScope): CompiledCall['itemParts'] {
  const items = ownFieldPaths(node).flatMap(({ node: from }) =>
    from.kind === 'item' && mayBeMissing(from) ? [from] : [],
  );
  return [...new Set(items)].map((item) => localIn(item, scope));
}

function compileEach(node: EachNode, part: PartOfCall, setting: WorkSetting): CompiledEach {
  const { over } = node;
  const { slotOf } = setting;
  const call = callPerItem(node);
  const [first, ...inner] = levelsOf(node);
  const fields = [call, ...fallbackCalls(call)].flatMap(ownFieldPaths);
  // The key of a write needs the index of its item, so do the headers of the response that is its item, and lists in lists have several
  // items at a time.
  const isFramed = inner.length > 0 || call.need === 'write' || fields.some(isOfItemHeaders);
  const scope: LocalScope = {
    nodes: levelsOf(node)
      .map(({ item }) => item)
      .toReversed(),
    isFramed,
  };
  const itemReads = [call, ...fallbackCalls(call)]
    .flatMap(ownArguments)
    .filter((argument) => fieldPathsIn(argument).some((field) => scope.nodes.includes(field.node)));
  const levelIn = (level: EachNode, around: LocalScope): CompiledLevel => ({
    over: compileRead(level.over, slotOf, around),
    itemPart: itemPartOf(level.over, around),
    when: level.when && compileRead(level.when, slotOf, around),
    maxCount: level.maxCount,
  });
  return {
    call: compilePartCall(call, { ...part, scope }, setting),
    levels: [
      levelIn(first ?? node, plainScope),
      ...inner.map((level, index) => levelIn(level, { nodes: scope.nodes.slice(inner.length - index), isFramed })),
    ],
    overPart: mayBeMissing(over.node) ? slotOf(over.node) : undefined,
    itemReads: itemReads.map((argument) => compileFill(argument, slotOf, scope)),
    isFramed,
    fallback: call.fallbackValue,
    concurrency: node.concurrency,
    name: part.name,
    mayBeMissing: mayBeMissing(node),
    hasParts: mayBeMissing(call),
    keepsHeaders: areHeadersRead(node),
    isOfInput: over.node.kind === 'input',
  };
}

function compileBatch(node: BatchNode, name: string, setting: WorkSetting): CompiledBatch {
  const { call, by, items, size, maxCount, concurrency, when } = node;
  const rows = rowsOfCall(node);
  return {
    call: compilePartCall(call, { name, ...(rows && { rows }) }, setting),
    keys: node.keys.map((source) => compileKeys(source, setting.slotOf)),
    by,
    items,
    fallback: call.fallbackValue,
    when: when && compileRead(when, setting.slotOf, plainScope),
    size,
    maxCount,
    concurrency,
    keepsHeaders: areHeadersRead(node),
    name,
  };
}

function compileKeys({ list, inner }: KeySource, slotOf: SlotOf): CompiledKeys {
  return {
    list: compileRead(list, slotOf, plainScope),
    inner:
      inner === undefined
        ? undefined
        : 'node' in inner.of
          ? { key: compileRead(inner.of, slotOf, plainScope) }
          : { keys: compileKeys(inner.of, slotOf) },
    missing: list.node.kind === 'item' ? undefined : whetherMissing(list, slotOf),
  };
}

function whetherMissing({ node }: FieldPath, slotOf: SlotOf): CompiledKeys['missing'] {
  if (!mayBeMissing(node)) return undefined;
  const slot = slotOf(node);
  return (run) => {
    const part = run.values[slot] as Part<unknown>;
    return part.ok ? undefined : part === ruledOutPart ? 'ruled out' : 'failed';
  };
}

/** The slots of parts that may be missing, without which the call is skipped. */
function slotsThatMayBeMissing(node: CallNode, slotOf: SlotOf): readonly number[] {
  const unsure = ownFieldPaths(node).flatMap(({ node: from }) =>
    from.kind !== 'item' && from.kind !== 'local' && mayBeMissing(from) ? [slotOf(from)] : [],
  );
  return [...new Set(unsure)];
}
