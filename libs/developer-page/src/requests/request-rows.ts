import { callEnd, type CacheUse, type CallFailure, type CallRecord } from '@frontage/context';
import { redact } from '@frontage/core';
import type { AttemptRecord, CallRow } from '../model/request-record.js';
import type { PlanNode } from '../model/state.js';

/** Attempts that are kept of one request. */
export const maxAttempts = 200;
/** Characters of the reason of a failure. */
const maxDetail = 300;

export interface RequestWork {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly calls: readonly CallRecord[];
  readonly failures: readonly CallFailure[];
  readonly cached: readonly CacheUse[];
  readonly nodes: readonly PlanNode[];
}

interface OpenRow {
  readonly part: string;
  readonly upstream: string;
  readonly operation: string;
  readonly attempts: AttemptRecord[];
  cache?: { readonly result: CacheUse['result']; readonly at: number; readonly count: number };
  failure?: { readonly reason: string; readonly detail?: string; readonly count: number };
}

/** The calls of a request, a row for each part and operation, in the order in which they began. */
export function rowsOf({ startedAt, endedAt, calls, failures, cached, nodes }: RequestWork): readonly CallRow[] {
  const rows = new Map<string, OpenRow>();
  const rowOf = ({ part, upstream, operation }: Pick<OpenRow, 'part' | 'upstream' | 'operation'>): OpenRow => {
    const key = JSON.stringify([part, upstream, operation]);
    const row = rows.get(key) ?? { part, upstream, operation, attempts: [] };
    rows.set(key, row);
    return row;
  };
  const since = (time: number): number => rounded(time - startedAt);
  for (const call of calls.slice(0, maxAttempts)) {
    const { attempts } = rowOf(call);
    const before = attempts.findLast((one) => one.attempt === call.attempt - 1);
    attempts.push({
      attempt: call.attempt,
      start: since(call.startedAt),
      end: since(callEnd(call, endedAt)),
      status: call.status,
      outcome: call.outcome,
      address: call.address,
      waitedMs: rounded(call.waitedMs),
      isHedge: before !== undefined && before.end > since(call.startedAt),
    });
  }
  // The attempt of a miss says the same.
  for (const use of cached.filter(({ result }) => result !== 'miss' && result !== 'error')) {
    const row = rowOf(use);
    row.cache = { result: use.result, at: since(use.at), count: (row.cache?.count ?? 0) + 1 };
  }
  for (const { part, upstream, operation, reason, detail, count } of failures) {
    const text = detail === undefined ? {} : { detail: redact(detail, maxDetail) };
    rowOf({ part, upstream, operation }).failure = { reason, ...text, count };
  }
  const ordered = [...rows.values()].toSorted((one, other) => startOf(one) - startOf(other));
  return ordered.map((row) => ({ ...row, ...waiting(row, ordered, nodes) }));
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

const startOf = ({ attempts, cache }: OpenRow): number =>
  Math.min(attempts[0]?.start ?? Infinity, cache?.at ?? Infinity);
const endOf = ({ attempts, cache }: OpenRow): number => Math.max(0, cache?.at ?? 0, ...attempts.map(({ end }) => end));

/** The part that ended last, of those that a row reads, itself or through steps. */
function waiting(row: OpenRow, rows: readonly OpenRow[], nodes: readonly PlanNode[]): { readonly waitedFor?: string } {
  const before = new Set<string>();
  const collect = (name: string): void => {
    for (const next of nodes.find((node) => node.name === name)?.after ?? []) {
      if (before.has(next)) continue;
      before.add(next);
      if (nodes.find((node) => node.name === next)?.kind === 'step') collect(next);
    }
  };
  collect(row.part);
  const ends = rows.filter((one) => one !== row && before.has(one.part)).toSorted((a, b) => endOf(b) - endOf(a));
  const last = ends[0]?.part;
  return last === undefined ? {} : { waitedFor: last };
}
