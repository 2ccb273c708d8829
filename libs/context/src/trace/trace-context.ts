import { randomFillSync } from 'node:crypto';
import { readTracestate } from './tracestate.js';

/** The members of an inbound `traceparent`. */
export interface TraceParent {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the span of the sender. */
  readonly parentSpanId: string;
  readonly sampled: boolean;
  /** The value to pass on; `undefined` if it is missing or malformed. */
  readonly tracestate: string | undefined;
}

const TRACEPARENT_LENGTH = 55;

/**
 * Reads the headers of W3C Trace Context. `undefined` if `traceparent` is missing or malformed: start a new trace then, and leave out
 * the tracestate (https://www.w3.org/TR/trace-context/#a-traceparent-is-not-received).
 */
export function readTraceparent(
  traceparent: string | string[] | undefined,
  tracestate: string | string[] | undefined,
): TraceParent | undefined {
  if (typeof traceparent !== 'string' || traceparent.length < TRACEPARENT_LENGTH) return undefined;
  if (
    !isHex(traceparent, 0, 2) ||
    !isHex(traceparent, 3, 35) ||
    !isHex(traceparent, 36, 52) ||
    !isHex(traceparent, 53, 55)
  ) {
    return undefined;
  }
  if (traceparent[2] !== '-' || traceparent[35] !== '-' || traceparent[52] !== '-') return undefined;
  const version = traceparent.slice(0, 2);
  if (version === 'ff') return undefined;
  // Version 00 ends here. A later version may go on after another dash; the members of version 00 are read in any case.
  if (traceparent.length > TRACEPARENT_LENGTH && (version === '00' || traceparent[TRACEPARENT_LENGTH] !== '-'))
    return undefined;
  const traceId = traceparent.slice(3, 35);
  const parentSpanId = traceparent.slice(36, 52);
  if (isZero(traceId) || isZero(parentSpanId)) return undefined;
  const sampled = (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1;
  return { traceId, parentSpanId, sampled, tracestate: readTracestate(tracestate) };
}

/** Tells whether a valid `traceparent` marks its trace id as random (level 2 section 3.2.5.2); the flag is passed on with the id. */
export function isRandomTrace(traceparent: string): boolean {
  return (Number.parseInt(traceparent.slice(53, 55), 16) & 2) === 2;
}

/** The `traceparent` of an outbound call, version 00. Flags that this version does not know are zero. */
export function formatTraceparent(traceId: string, spanId: string, sampled: boolean, isRandom = false): string {
  return `00-${traceId}-${spanId}-0${(sampled ? 1 : 0) + (isRandom ? 2 : 0)}`;
}

/** 32 random hex digits, never all zero. */
export function newTraceId(): string {
  return randomHex(16);
}

/** 16 random hex digits, never all zero. */
export function newSpanId(): string {
  return randomHex(8);
}

/**
 * Tells whether this trace is in the sampled share `ratio` of all traces. The trace id alone decides, so that all processes with the same
 * ratio decide alike.
 * @param ratio 0 (none) to 1 (all)
 */
export function isInSample(traceId: string, ratio: number): boolean {
  if (ratio <= 0) return false;
  return ratio >= 1 || Number.parseInt(traceId.slice(24), 16) < ratio * 2 ** 32;
}

// One call of the operating system gives bytes for many ids: 50 ns an id instead of 600.
const pool = Buffer.allocUnsafe(8 * 1024);
let used = pool.length;

function randomHex(bytes: number): string {
  for (;;) {
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const id = pool.toString('hex', used, used + bytes);
    used += bytes;
    if (!isZero(id)) return id;
  }
}

function isHex(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    // 0-9 and a-f: upper case is malformed.
    if (!((code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66))) return false;
  }
  return true;
}

function isZero(id: string): boolean {
  for (let i = 0; i < id.length; i++) if (id.charCodeAt(i) !== 0x30) return false;
  return true;
}
