const LONGEST_MS = 3_600_000;

/**
 * `Retry-After` in milliseconds: whole seconds or an HTTP date (RFC 9110 section 10.2.3), capped at an hour. `undefined` for anything
 * else: a negative or garbled value says nothing.
 * @param wallTime milliseconds since 1970
 */
export function retryAfterMs(value: string | string[] | undefined, wallTime: number): number | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Math.min(LONGEST_MS, Number(text) * 1_000);
  // Date.parse takes much more than HTTP does; what HTTP dates have in common is the day's name in front and GMT or the year behind.
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.min(LONGEST_MS, Math.max(0, date - wallTime));
}
