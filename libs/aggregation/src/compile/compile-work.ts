import type { BodyReader } from '@frontage/context';
import {
  mayBeMissing,
  type BatchNode,
  type CallNode,
  type EachNode,
  type KeySource,
  type PartNode,
  type Place,
} from '../model/nodes.js';
import { ownPlaces } from '../plan/plan-check.js';
import type { Part } from '../model/references.js';
import type {
  Blame,
  CompiledBatch,
  CompiledCall,
  CompiledEach,
  CompiledKeys,
  CompiledStandIn,
  CompiledWork,
} from '../run/compiled.js';
import { compileCall, ruledOutPart } from '../execution/compiled-call.js';
import { compileStep } from '../execution/compiled-step.js';
import type { Bind, CallTerms, PlanPolicy } from './bind.js';
import { compileJudge } from './compile-judge.js';
import { compileFill, compilePlace, type SlotOf } from '../run/fill.js';
import type { LastGoodStore } from '../run/last-good.js';

/** What the nodes of a plan are compiled with. */
export interface WorkSetting {
  readonly bind: Bind;
  readonly policy: PlanPolicy;
  readonly deadlineMs: number;
  readonly slotOf: SlotOf;
  readonly lastGood: LastGoodStore;
  readonly blame: Blame;
}

export function compileWork(node: PartNode, name = '', setting: WorkSetting, readBody?: BodyReader): CompiledWork {
  switch (node.kind) {
    case 'step':
      return { kind: 'step', step: compileStep(node, name === '' ? undefined : name, setting.slotOf, setting.blame) };
    case 'call':
      return { kind: 'call', call: compilePartCall(node, name, setting, 'call', readBody) };
    case 'each':
      return { kind: 'each', each: compileEach(node, name, setting, readBody) };
    case 'batch':
      return { kind: 'batch', batch: compileBatch(node, name, setting) };
    case 'pages': {
      const { items, next, maxPages, maxItems } = node;
      const call = compilePartCall(node.call, name, setting);
      return { kind: 'pages', pages: { call, items, next, maxPages, maxItems, name } };
    }
  }
}

function compilePartCall(
  node: CallNode,
  name: string,
  setting: WorkSetting,
  role: CallTerms['role'] = 'call',
  readBody?: BodyReader,
): CompiledCall {
  const { bind, policy, deadlineMs, slotOf, lastGood } = setting;
  // What policy says of a part is said of its call; what takes a write back has the time it was given.
  const tightened = role === 'call' ? (policy.calls?.[name]?.timeoutMs ?? Infinity) : Infinity;
  const stated = Math.min(node.timeoutMs ?? Infinity, tightened);
  const terms = {
    part: name,
    need: node.need,
    role,
    ...(stated < Infinity && { timeoutMs: stated }),
    ...(readBody && { readBody }),
  };
  // A write has the plan's whole deadline by default, from when it is sent: it may outlive the request.
  const timeoutMs = node.need === 'write' && stated === Infinity ? deadlineMs : stated;
  const standIns = node.standIns.map((standIn): CompiledStandIn => {
    return standIn.kind === 'last_good'
      ? standIn
      : { kind: 'call', call: compilePartCall(standIn.call, name, setting, 'fallback') };
  });
  const keeps = node.standIns.some((standIn) => standIn.kind === 'last_good');
  const { contract, id } = node.operation;
  return compileCall(node, name, bind(node.operation, terms), timeoutMs, unsureSlots(node, slotOf), slotOf, {
    standIns,
    keep: keeps ? { operation: `${contract.upstream} ${id}`, store: lastGood } : undefined,
    judge: compileJudge(node),
    undo: node.undo && compilePartCall(node.undo.call, name, setting, 'undo'),
  });
}

function compileEach(node: EachNode, name: string, setting: WorkSetting, readBody?: BodyReader): CompiledEach {
  const { call, over } = node;
  const places = [call, ...callsStandingIn(call)].flatMap(ownPlaces);
  const itemReads = places.filter((place) => place.node === node.item);
  return {
    call: compilePartCall(call, name, setting, 'call', readBody),
    over: compilePlace(over, setting.slotOf),
    overPart: mayBeMissing(over.node) ? setting.slotOf(over.node) : undefined,
    itemReads: itemReads.map((place) => compileFill({ kind: 'place', place }, setting.slotOf)),
    fallback: call.fallback,
    when: node.when && compilePlace(node.when, setting.slotOf),
    maxCount: node.maxCount,
    concurrency: node.concurrency,
    name,
    unsure: mayBeMissing(node),
  };
}

const callsStandingIn = ({ standIns }: CallNode): readonly CallNode[] =>
  standIns.flatMap((standIn) => (standIn.kind === 'call' ? [standIn.call, ...callsStandingIn(standIn.call)] : []));

function compileBatch(node: BatchNode, name: string, setting: WorkSetting): CompiledBatch {
  const { call, by, items, size, maxCount, concurrency, when } = node;
  return {
    call: compilePartCall(call, name, setting),
    keys: node.keys.map((source) => compileKeys(source, setting.slotOf)),
    by,
    items,
    fallback: call.fallback,
    when: when && compilePlace(when, setting.slotOf),
    size,
    maxCount,
    concurrency,
    name,
  };
}

function compileKeys({ list, inner }: KeySource, slotOf: SlotOf): CompiledKeys {
  return {
    list: compilePlace(list, slotOf),
    inner:
      inner === undefined
        ? undefined
        : 'node' in inner.of
          ? { key: compilePlace(inner.of, slotOf) }
          : { keys: compileKeys(inner.of, slotOf) },
    missing: list.node.kind === 'item' ? undefined : whetherMissing(list, slotOf),
  };
}

function whetherMissing({ node }: Place, slotOf: SlotOf): CompiledKeys['missing'] {
  if (!mayBeMissing(node)) return undefined;
  const slot = slotOf(node);
  return (run) => {
    const part = run.values[slot] as Part<unknown>;
    return part.ok ? undefined : part === ruledOutPart ? 'ruled out' : 'failed';
  };
}

/** The slots of parts that may be missing, without which the call is skipped. */
function unsureSlots(node: CallNode, slotOf: SlotOf): readonly number[] {
  const unsure = ownPlaces(node).flatMap(({ node: from }) =>
    from.kind !== 'item' && from.kind !== 'local' && mayBeMissing(from) ? [slotOf(from)] : [],
  );
  return [...new Set(unsure)];
}
