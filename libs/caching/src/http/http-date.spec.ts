import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHttpDate } from './http-date.js';

const now = Date.UTC(2026, 10, 30);

describe('a date of HTTP (RFC 9110 section 5.6.7)', () => {
  it('is read in each of its three forms, in any case', () => {
    const seconds = fc.integer({ min: Date.UTC(1980, 0) / 1_000, max: Date.UTC(2070, 0) / 1_000 });
    fc.assert(
      fc.property(seconds, fc.boolean(), (at, isUpper) => {
        const time = at * 1_000;
        const usual = new Date(time).toUTCString();
        const [, weekday = '', day = '', month = '', year = '', clock = ''] = /^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/.exec(usual) ?? []; // prettier-ignore
        const long = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(time);
        const forms = [
          usual,
          `${long}, ${day}-${month}-${year.slice(2)} ${clock} GMT`,
          `${weekday} ${month} ${String(Number(day)).padStart(2)} ${clock} ${year}`,
        ];
        for (const form of forms) expect(readHttpDate(isUpper ? form.toUpperCase() : form, now)).toBe(time);
      }),
    );
  });

  it.each([
    '0',
    '',
    '2026-11-30T00:00:00Z',
    'Mon, 30 Nov 2026 00:00:00 UTC',
    'Mon, 30 Nov 2026 00:00:00 +0000',
    'Mon 30 Nov 2026 00:00:00 GMT',
    'Mon, 30  Nov 2026 00:00:00 GMT',
    'Mon, 30-Nov-2026 00:00:00 GMT',
    'Mon, 30 Nov 26 00:00:00 GMT',
    'Mon, 30 Nov 2026 0:00:00 GMT',
    'Mon, 30 Nov 2026 24:00:00 GMT',
    'Mon, 31 Nov 2026 00:00:00 GMT',
    'Mon, 30 Nov 2026 00:00:00 GMT, Mon, 30 Nov 2026 00:00:00 GMT',
  ])('is none in %j', (text) => {
    expect(readHttpDate(text, now)).toBeUndefined();
  });

  it('with two digits for the year is at most fifty years ahead', () => {
    expect(readHttpDate('Monday, 01-Jan-76 00:00:00 GMT', now)).toBe(Date.UTC(2076, 0));
    expect(readHttpDate('Monday, 01-Jan-77 00:00:00 GMT', now)).toBe(Date.UTC(1977, 0));
  });

  it('may be a leap second', () => {
    expect(readHttpDate('Sat, 31 Dec 2016 23:59:60 GMT', now)).toBe(Date.UTC(2017, 0));
  });
});
