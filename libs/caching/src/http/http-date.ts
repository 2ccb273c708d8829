const days = 'sun|mon|tue|wed|thu|fri|sat';
const longDays = 'sunday|monday|tuesday|wednesday|thursday|friday|saturday';
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const month = months.join('|');
const time = '(\\d{2}):(\\d{2}):(\\d{2})';

/** The forms of RFC 9110 section 5.6.7. RFC 9111 section 4.2 has caches read them in any case, and `GMT` as the only zone. */
const usual = new RegExp(`^(?:${days}), (\\d{2}) (${month}) (\\d{4}) ${time} gmt$`, 'i');
const rfc850 = new RegExp(`^(?:${longDays}), (\\d{2})-(${month})-(\\d{2}) ${time} gmt$`, 'i');
const asctime = new RegExp(`^(?:${days}) (${month}) ([ \\d]\\d) ${time} (\\d{4})$`, 'i');

/**
 * Reads a date of HTTP.
 * @param now milliseconds since 1970, which says what century two digits of a year are in
 * @returns milliseconds since 1970; `undefined` for any other text
 */
export function readHttpDate(text: string, now: number): number | undefined {
  const [, day, name, year, hours, minutes, seconds] = usual.exec(text) ?? [];
  if (year !== undefined) return dateOf(Number(year), name, day, [hours, minutes, seconds]);
  const old = rfc850.exec(text);
  if (old !== null) return dateOf(fullYear(Number(old[3]), now), old[2], old[1], old.slice(4));
  const plain = asctime.exec(text);
  return plain === null ? undefined : dateOf(Number(plain[6]), plain[1], plain[2], plain.slice(3, 6));
}

/** More than fifty years ahead is the century before (RFC 9110 section 5.6.7). */
function fullYear(twoDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}

function dateOf(
  year: number,
  monthName = '',
  dayText = '',
  clock: readonly (string | undefined)[] = [],
): number | undefined {
  const [hours = 0, minutes = 0, seconds = 0] = clock.map(Number);
  const [monthIndex, day] = [months.indexOf(monthName.toLowerCase()), Number(dayText)];
  const date = Date.UTC(year, monthIndex, day, hours, minutes, Math.min(seconds, 59));
  // 31 February is no date, and 60 seconds are a leap second.
  const isDate = new Date(date).getUTCDate() === day && hours < 24 && minutes < 60 && seconds <= 60;
  return isDate ? date + (seconds === 60 ? 1_000 : 0) : undefined;
}
