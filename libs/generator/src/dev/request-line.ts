import type { StyledText } from '../terminal/styled-text.js';
import { isRecord, logText, recordOf, type LogRecord } from './log-record.js';

/** A call that took this long, in ms, is named in the line of its request. */
const slowMs = 100;
/** Slow parts that are named in one line, the slowest first. */
const maxSlow = 3;

/**
 * A line of a BFF's log in short form for a terminal. A request is one line, with the parts that were slow or missing, and why:
 * `mobile   GET /home 200 415 ms  recent 412 ms, suggested missing: timeout after 400 ms`. A mistake in code has the place where it was
 * thrown on a line below.
 */
export function requestLine(app: string, line: string): readonly StyledText[] {
  const record = recordOf(line);
  if (record === undefined) return [`${app} | ${line}\n`];
  const { method, route, status, durationMs, code, missingParts, failures, moreFailures, error } = record;
  const name = app.padEnd(8);
  if (typeof method !== 'string' || typeof route !== 'string') return [`${name} ${logText(record)}\n`];
  const isGood = typeof status === 'number' && status < 400;
  const calls = recordsOf(record['calls']);
  const failed = recordsOf(failures);
  const notes: StyledText[] = [
    ...(typeof code === 'string' ? [{ text: code, style: 'red' } as const] : []),
    ...slowParts(calls, failed).map((text) => ({ text, style: 'yellow' }) as const),
    ...failed.map((failure) => ({ text: failureText(failure, calls, isGood), style: 'red' }) as const),
    ...(failed.length === 0 && typeof missingParts === 'number' && missingParts > 0 ? [`${missingParts} missing`] : []),
    ...(typeof moreFailures === 'number' ? [`and ${moreFailures} more`] : []),
  ];
  return [
    `${name} ${method} ${route} `,
    { text: String(status), style: isGood ? 'green' : 'red' },
    ` ${wholeMs(durationMs)}${record['clientGone'] === true ? ', the client has left' : ''}`,
    ...notes.flatMap((note, at) => [at === 0 ? '  ' : ', ', note]),
    '\n',
    ...(isRecord(error) ? [`${' '.repeat(9)}${errorText(error)}\n`] : []),
  ];
}

/** `recent 412 ms` for each part with a good call of 100 ms or more; of the calls of one part, the longest counts. */
function slowParts(calls: readonly LogRecord[], failed: readonly LogRecord[]): string[] {
  const times = new Map<string, number>();
  for (const call of calls) {
    const { ms, outcome } = call;
    if (typeof ms !== 'number' || ms < slowMs || outcome !== undefined) continue;
    const name = partName(call);
    times.set(name, Math.max(times.get(name) ?? 0, ms));
  }
  for (const failure of failed) times.delete(partName(failure));
  const slowest = [...times].toSorted(([, a], [, b]) => b - a).slice(0, maxSlow);
  return slowest.map(([name, ms]) => `${name} ${wholeMs(ms)}`);
}

/** `suggested missing: timeout after 400 ms`, `profile failed: error, connect ECONNREFUSED at http://127.0.0.1:4100, attempt 2`. */
function failureText(failure: LogRecord, calls: readonly LogRecord[], isGood: boolean): string {
  const { reason, status, address, attempt, count, detail } = failure;
  const last = calls.findLast(
    (call) => partName(call) === partName(failure) && call['outcome'] === reason && call['attempt'] === attempt,
  );
  const words =
    reason === 'timeout' && typeof last?.['ms'] === 'number'
      ? `timeout after ${wholeMs(last['ms'])}`
      : `${String(reason)}${typeof detail === 'string' ? `, ${detail}` : typeof status === 'number' ? `, status ${status}` : ''}`;
  // An upstream that has responded was reached: its address says nothing more.
  const where = typeof address === 'string' && status === undefined && reason !== 'timeout' ? ` at ${address}` : '';
  const tries = typeof attempt === 'number' && attempt > 1 ? `, attempt ${attempt}` : '';
  const times = typeof count === 'number' ? `, ${count} times` : '';
  return `${partName(failure)} ${isGood ? 'missing' : 'failed'}: ${words}${where}${tries}${times}`;
}

/** The part of the plan; outside a plan, `orders.listOrders`. */
function partName({ part, upstream, operation }: LogRecord): string {
  return typeof part === 'string' ? part : `${String(upstream)}.${String(operation)}`;
}

/** The first line of the place where a bug was thrown says the most. */
function errorText({ type, message, stack }: LogRecord): string {
  const place = typeof stack === 'string' ? /^\s*at .*$/m.exec(stack)?.[0].trim() : undefined;
  return [`${String(type)}: ${String(message)}`, place].filter((one) => one !== undefined).join(' ');
}

const wholeMs = (ms: unknown): string => `${Number(ms).toFixed(0)} ms`;

const recordsOf = (value: unknown): readonly LogRecord[] => (Array.isArray(value) ? value.filter(isRecord) : []);
