import { callEnd, formatTraceparent, type RequestContext } from '@frontage/context';

/** Parts in one header; the others are counted. */
const maxParts = 50;
/** Characters of one header, less the last entry. */
const maxLength = 4_000;
const maxNameLength = 100;

interface Timing {
  /** Monotonic milliseconds; both absent where nothing was sent. */
  from: number | undefined;
  to: number;
  calls: number;
  attempts: number;
  readonly cache: Set<string>;
  reason: string | undefined;
}

/**
 * The value of `Server-Timing` (https://www.w3.org/TR/server-timing/): the time of the request until now, its `traceparent`, the plan, and each
 * part with its time, its attempts, the state of the cache, and the reason why it has no value. At most 4,100 characters.
 * @param now monotonic milliseconds
 */
export function serverTiming(context: RequestContext, now: number): string {
  const { traceId, spanId, traceSampled, traceRandom, startedAt, notes } = context;
  let value = `total;dur=${tenths(now - startedAt)}`;
  if (traceId !== '') value += `, traceparent;desc="${formatTraceparent(traceId, spanId, traceSampled, traceRandom)}"`;
  if (notes?.plan !== undefined)
    value += `, plan;dur=${tenths((notes.plan.endedAt ?? now) - notes.plan.startedAt)};desc="${token(notes.plan.name)}"`;
  let shown = 0;
  const parts = timingsOf(context, now);
  for (const [name, timing] of parts) {
    const entry = `, ${entryOf(name, timing)}`;
    if (shown === maxParts || value.length + entry.length > maxLength) break;
    value += entry;
    shown++;
  }
  return shown === parts.size ? value : `${value}, more;desc="${parts.size - shown}"`;
}

function timingsOf(context: RequestContext, now: number): ReadonlyMap<string, Timing> {
  const timings = new Map<string, Timing>();
  const of = (named: { readonly part: string; readonly upstream: string; readonly operation: string }): Timing => {
    const name = named.part === '' ? `${named.upstream}.${named.operation}` : named.part;
    let timing = timings.get(name);
    if (timing === undefined) {
      timing = { from: undefined, to: 0, calls: 0, attempts: 0, cache: new Set(), reason: undefined };
      timings.set(name, timing);
    }
    return timing;
  };
  for (const call of context.calls) {
    const timing = of(call);
    timing.from = Math.min(timing.from ?? call.startedAt, call.startedAt);
    timing.to = Math.max(timing.to, callEnd(call, now));
    if (call.attempt === 1) timing.calls++;
    timing.attempts = Math.max(timing.attempts, call.attempt);
  }
  for (const use of context.notes?.cacheUses ?? []) of(use).cache.add(use.result);
  for (const failure of context.failures?.list ?? []) of(failure).reason ??= failure.reason;
  return timings;
}

/** The words of a description are our own: nothing of an upstream stands in it. */
function entryOf(name: string, { from, to, calls, attempts, cache, reason }: Timing): string {
  const words = [
    ...(calls > 1 ? [`calls=${calls}`] : []),
    ...(attempts > 1 ? [`attempts=${attempts}`] : []),
    ...(cache.size > 0 ? [`cache=${[...cache].join('+')}`] : []),
    ...(reason === undefined ? [] : [`reason=${reason}`]),
  ];
  return `${token(name)};dur=${from === undefined ? 0 : tenths(to - from)}${words.length === 0 ? '' : `;desc="${words.join(' ')}"`}`;
}

/** RFC 9110 section 5.6.2; any other character becomes an underscore. */
const token = (name: string): string =>
  name.slice(0, maxNameLength).replaceAll(/[^!#$%&'*+\-.^_`|~0-9A-Za-z]/g, '_') || '_';

const tenths = (ms: number): number => Math.max(0, Math.round(ms * 10) / 10);
