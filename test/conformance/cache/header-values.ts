import type { Header, Step } from './definitions.js';

const dated: ReadonlySet<string> = new Set([
  'date',
  'expires',
  'last-modified',
  'if-modified-since',
  'if-unmodified-since',
]);
const located: ReadonlySet<string> = new Set(['location', 'content-location']);

/**
 * The text of a header in a definition.
 * @param now milliseconds since 1970, from which dates are counted
 * @param path the path of the request, to which places are relative
 */
export function headerValue([name, value]: Header, step: Step, now: number, path: string): string {
  const lower = name.toLowerCase();
  if (typeof value === 'number' && dated.has(lower))
    return dateText(now + value * 1_000, step.rfc850date?.includes(lower) === true);
  if (located.has(lower) && step.magic_locations === true) return value === '' ? path : `${path}/${value}`;
  return String(value);
}

/** RFC 9110 section 5.6.7: the usual form, or the one of RFC 850. */
export function dateText(time: number, isOld: boolean): string {
  const usual = new Date(time).toUTCString();
  if (!isOld) return usual;
  const [, day, month, year = '', clock] = usual.split(/,? /);
  const weekday = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(time);
  return `${weekday}, ${day}-${month}-${year.slice(2)} ${clock} GMT`;
}
