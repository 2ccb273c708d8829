import type { AttemptRecord, CallRow, RequestRecord } from '../../model/request-record.js';
import { duration } from '../shared/format.js';

interface Props {
  readonly record: RequestRecord;
  readonly chosen: number | undefined;
  readonly lit: readonly string[];
  readonly onChoose: (row: number | undefined) => void;
}

/** Steps of the axis, in milliseconds, of which one gives four to eight ticks. */
const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000];

function ticksOf(span: number): readonly number[] {
  const step = steps.find((one) => span / one <= 6) ?? span / 5;
  // The text of a tick needs room at its right.
  return Array.from({ length: Math.floor((span * 0.88) / step) + 1 }, (_, at) => at * step);
}

/** The calls of a request on one axis of time. */
export function Waterfall({ record, chosen, lit, onChoose }: Props) {
  const { rows, durationMs, deadlineMs, moreAttempts } = record;
  const ends = rows.flatMap(({ attempts }) => attempts.map(({ end }) => end));
  const longest = Math.max(durationMs, ...ends, 0.1);
  // A deadline that is far away would press everything to the left.
  const isDeadlineNear = deadlineMs !== undefined && deadlineMs <= longest * 1.6;
  const span = Math.max(longest, isDeadlineNear ? deadlineMs : 0) * 1.02;
  const at = (ms: number): string => `${(ms / span) * 100}%`;
  const slowest = slowestRow(rows);
  return (
    <table class="waterfall">
      <caption class="unseen">Calls of the request, in the order in which they began</caption>
      <thead>
        <tr>
          <th scope="col">part</th>
          <th scope="col">call</th>
          <th scope="col" class="axis">
            <span class="unseen">time</span>
            <span class="ticks" aria-hidden="true">
              {ticksOf(span).map((ms) => (
                <i key={ms} style={{ left: at(ms) }}>
                  {duration(ms)}
                </i>
              ))}
            </span>
          </th>
          <th scope="col">result</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr
            key={`${row.part} ${row.operation}`}
            class={`${chosen === index ? 'chosen' : ''} ${lit.includes(row.part) ? 'lit' : ''}`}
            onClick={() => onChoose(chosen === index ? undefined : index)}
          >
            <th scope="row">
              <button
                type="button"
                aria-expanded={chosen === index}
                onClick={stop(() => onChoose(chosen === index ? undefined : index))}
              >
                {row.part === '' ? '(outside of the plan)' : row.part}
              </button>
              {row === slowest && <em>slowest</em>}
            </th>
            <td class="call">
              {row.upstream}.{row.operation}
            </td>
            <td class="axis">
              {isDeadlineNear && (
                <i class="deadline" title={`deadline ${duration(deadlineMs)}`} style={{ left: at(deadlineMs) }} />
              )}
              <Wait row={row} rows={rows} at={at} />
              {row.attempts.map(({ start, waitedMs }, number) => (
                <Queue key={number} start={start} waitedMs={waitedMs} at={at} />
              ))}
              {row.attempts.map((attempt, number) => (
                <i
                  key={number}
                  class={barClass(attempt)}
                  title={attemptText(attempt)}
                  style={{ left: at(attempt.start), width: at(attempt.end - attempt.start), ...lane(row, number) }}
                >
                  <span class="unseen">{attemptText(attempt)}. </span>
                </i>
              ))}
              {row.cache !== undefined && (
                <i class="cached" title={cacheText(row)} style={{ left: at(row.cache.at) }} />
              )}
            </td>
            <td class="result">{resultText(row)}</td>
          </tr>
        ))}
      </tbody>
      {moreAttempts > 0 && (
        <tfoot>
          <tr>
            <td colSpan={4}>and {moreAttempts} attempts more</td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}

const stop =
  (work: () => void) =>
  (event: Event): void => {
    event.stopPropagation();
    work();
  };

const endOf = ({ attempts }: CallRow): number => Math.max(0, ...attempts.map(({ end }) => end));
const startOf = ({ attempts, cache }: CallRow): number => attempts[0]?.start ?? cache?.at ?? 0;

function slowestRow(rows: readonly CallRow[]): CallRow | undefined {
  const sent = rows.filter(({ attempts }) => attempts.length > 0);
  return sent.length < 2
    ? undefined
    : sent.toSorted((one, other) => endOf(other) - startOf(other) - endOf(one) + startOf(one))[0];
}

/** The wait for a permit, for credentials, or between two attempts. */
function Queue({
  start,
  waitedMs,
  at,
}: {
  readonly start: number;
  readonly waitedMs: number;
  readonly at: (ms: number) => string;
}) {
  if (waitedMs < 1) return null;
  const title = `waited ${duration(waitedMs)} for a permit, for credentials, or after the attempt before`;
  return <i class="queue" title={title} style={{ left: at(start - waitedMs), width: at(waitedMs) }} />;
}

/** A thin line from the end of the call that was waited for to the start of this one. */
function Wait({
  row,
  rows,
  at,
}: {
  readonly row: CallRow;
  readonly rows: readonly CallRow[];
  readonly at: (ms: number) => string;
}) {
  const before = rows.find(({ part }) => part === row.waitedFor);
  if (before === undefined) return null;
  const from = endOf(before);
  return (
    <i
      class="wait"
      title={`waited for ${before.part}`}
      style={{ left: at(0), width: at(Math.min(from, startOf(row))) }}
    />
  );
}

/** Calls for the items of a list run side by side: each has its own height. */
function lane({ attempts }: CallRow, number: number): { readonly top?: string; readonly height?: string } {
  const isMany = attempts.filter(({ attempt }) => attempt === 1).length > 1;
  if (!isMany) return {};
  const height = 14 / attempts.length;
  return { top: `${5 + number * height}px`, height: `${Math.max(1.5, height - 1)}px` };
}

const barClass = ({ outcome, isHedge }: AttemptRecord): string =>
  `bar ${outcome === 'ok' ? 'ok' : outcome === 'cancelled' || outcome === 'pending' ? 'gone' : 'failed'} ${isHedge ? 'hedge' : ''}`;

function attemptText({ attempt, start, end, status, outcome, isHedge }: AttemptRecord): string {
  const kind = isHedge ? 'hedge' : `attempt ${attempt}`;
  return `${kind}: ${duration(start)} to ${duration(end)}, ${outcome}${status > 0 ? `, status ${status}` : ''}`;
}

const cacheTexts: ReadonlyMap<string, string> = new Map([
  ['hit', 'from the cache'],
  ['stale', 'from the cache, and older than it may be fresh'],
  ['coalesced', 'another request was loading it'],
  ['negative', 'known to be absent'],
]);

const cacheWords: ReadonlyMap<string, string> = new Map([
  ['stale', 'stale'],
  ['coalesced', 'joined'],
  ['negative', 'known absent'],
]);

const cacheText = ({ cache }: CallRow): string => cacheTexts.get(cache?.result ?? '') ?? 'from the cache';

function resultText(row: CallRow): string {
  const { attempts, failure, cache, waitedFor } = row;
  const first = attempts.filter(({ attempt }) => attempt === 1).length;
  const again = attempts.length - first;
  const hedges = attempts.filter(({ isHedge }) => isHedge).length;
  return [
    attempts.length > 0 ? duration(endOf(row) - startOf(row)) : undefined,
    first > 1 ? `${first} calls` : undefined,
    hedges > 0 ? `${hedges} hedged` : undefined,
    again - hedges > 0 ? `${again - hedges} again` : undefined,
    cache === undefined
      ? undefined
      : `${cache.count > 1 ? `${cache.count} ` : ''}${cacheWords.get(cache.result) ?? 'cached'}`,
    failure?.reason,
    waitedFor === undefined ? undefined : `after ${waitedFor}`,
  ]
    .filter((text) => text !== undefined)
    .join(', ');
}
