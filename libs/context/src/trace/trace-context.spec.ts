import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTraceparent, isInSample, newSpanId, newTraceId, readTraceparent } from '../index.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('an inbound traceparent (R5)', () => {
  it('gives trace, span of the sender and sampling', () => {
    const expected = { traceId: TRACE, parentSpanId: SPAN, tracestate: undefined };
    expect(readTraceparent(`00-${TRACE}-${SPAN}-01`, undefined)).toEqual({ ...expected, sampled: true });
    expect(readTraceparent(`00-${TRACE}-${SPAN}-00`, undefined)).toEqual({ ...expected, sampled: false });
    expect(readTraceparent(`00-${TRACE}-${SPAN}-fe`, undefined)).toEqual({ ...expected, sampled: false });
  });

  it('is read in a later version too, by the members of version 00', () => {
    expect(readTraceparent(`cc-${TRACE}-${SPAN}-01-what-comes`, undefined)).toMatchObject({
      traceId: TRACE,
      sampled: true,
    });
    expect(readTraceparent(`cc-${TRACE}-${SPAN}-01`, undefined)).toBeDefined();
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['given twice', [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`]],
    ['given twice in one line', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['in upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['of version ff', `ff-${TRACE}-${SPAN}-01`],
    ['longer than its version allows', `00-${TRACE}-${SPAN}-01-more`],
    ['longer without a dash', `cc-${TRACE}-${SPAN}-01.more`],
    ['too short', `00-${TRACE}-${SPAN}-1`],
    ['of trace 0', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['of span 0', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['without dashes', `00_${TRACE}_${SPAN}_01`],
    ['padded', ` 00-${TRACE}-${SPAN}-01`],
  ])('starts a new trace when %s', (_how, header) => {
    expect(readTraceparent(header, 'a=1')).toBeUndefined();
  });

  it('keeps a tracestate as it came, and drops a malformed one alone', () => {
    const tracestate = (value: string | string[]) => readTraceparent(`00-${TRACE}-${SPAN}-01`, value)?.tracestate;
    expect(tracestate('rojo=00f067aa0ba902b7, congo=t61rcWkgMzE')).toBe('rojo=00f067aa0ba902b7, congo=t61rcWkgMzE');
    expect(tracestate(['a=1', 'b=2'])).toBe('a=1,b=2');
    for (const malformed of ['', 'a', 'a=1,b', 'a=1\r\nx: y=2', 'a=ä', `a=${'x'.repeat(600)}`]) {
      expect(tracestate(malformed)).toBeUndefined();
    }
  });

  it('comes back as it was formatted, for any ids', () => {
    const hex = (length: number) =>
      fc
        .array(fc.integer({ min: 0, max: 15 }), { minLength: length, maxLength: length })
        .map((digits) => digits.map((digit) => digit.toString(16)).join(''))
        .filter((id) => /[^0]/.test(id));
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, parentSpanId, sampled) => {
        const read = readTraceparent(formatTraceparent(traceId, parentSpanId, sampled), undefined);
        expect(read).toEqual({ traceId, parentSpanId, sampled, tracestate: undefined });
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.string(), (header, state) => {
        expect(readTraceparent(header, state)).toBeUndefined();
      }),
    );
  });
});

describe('new ids', () => {
  it('have the length of the standard, in lower case, and are never the same', () => {
    const traces = Array.from({ length: 5_000 }, newTraceId);
    const spans = Array.from({ length: 5_000 }, newSpanId);
    expect(new Set([...traces, ...spans]).size).toBe(10_000);
    for (const id of traces) expect(id).toMatch(/^[0-9a-f]{32}$/);
    for (const id of spans) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('a sample of traces', () => {
  it('holds about its share, decided by the id alone', () => {
    const ids = Array.from({ length: 20_000 }, newTraceId);
    const kept = ids.filter((id) => isInSample(id, 0.1));
    expect(kept.length).toBeGreaterThan(1_700);
    expect(kept.length).toBeLessThan(2_300);
    expect(kept.every((id) => isInSample(id, 0.1))).toBe(true);
    expect(ids.some((id) => isInSample(id, 0))).toBe(false);
    expect(ids.every((id) => isInSample(id, 1))).toBe(true);
  });
});
