import { merged } from './keeping.js';
import type { AnyResult, ItemsReport, Kept, Operation, PartReport, Responded } from './types.js';

export function resultOf(
  responded: Responded,
  text: string,
  retryAfterMs: number | undefined,
  { codes, takesText }: Operation,
  kept?: Kept,
): AnyResult {
  const { status, headers } = responded;
  const isOk = status >= 200 && status < 300;
  let value: unknown;
  try {
    const type = headers.get('content-type') ?? '';
    const isJson = /[/+]json\b/.test(type);
    // A page of HTML with status 200 comes from a proxy or a portal.
    if (!isJson && (!isOk || (text !== '' && takesText !== true))) throw new Error(`status ${status}, and no JSON`);
    value = text === '' ? undefined : isJson ? JSON.parse(text) : text;
    if (type.includes('frontage.delta')) value = merged(kept, value as Parameters<typeof merged>[1]);
  } catch (error) {
    return { kind: 'failed', reason: 'invalid', error };
  }
  if (!isOk) {
    const code = isObject(value) && 'code' in value ? value.code : undefined;
    return typeof code === 'string' && codes.split(' ').includes(code)
      ? { ...responded, kind: 'problem', problem: value, retryAfterMs }
      : { kind: 'failed', reason: code === undefined ? 'invalid' : 'unlisted', error: value };
  }
  const report = headers.get('frontage-parts');
  if (report !== null) return { ...responded, kind: 'partial', partialData: value, missing: partsOf(report) };
  if (!isObject(value) || !('_parts' in value)) return { ...responded, kind: 'complete', data: value };
  const { _parts: missing, ...partialData } = value;
  return { ...responded, kind: 'partial', partialData, missing };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Milliseconds of `Retry-After`: seconds, or a date (RFC 9110 section 10.2.3). */
export function waitOf(field: string | null): number | undefined {
  const wait = field === null ? NaN : /^\d+$/.test(field) ? Number(field) * 1000 : Date.parse(field) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/** The header `Frontage-Parts`: a dictionary of RFC 9651, with a token for a part and a list for its items. */
function partsOf(report: string): Readonly<Record<string, PartReport | ItemsReport>> {
  const parts: Record<string, PartReport | ItemsReport> = {};
  for (const [, name = '', items, status = '', more = ''] of report.matchAll(
    /([a-z*][\w.*-]*)=(?:\(((?:"(?:\\.|[^"\\])*"|[^")])*)\)|(\w+)([^,]*))/g,
  )) {
    if (items !== undefined)
      parts[name] = {
        items: Object.fromEntries(
          [...items.matchAll(/(?:(%?)"((?:\\.|[^"\\])*)"|:([^:]*):|(\d+));status=(\w+)/g)].map(
            ([, isEncoded, text = '', bytes, index, reason = '']) => [
              bytes ?? index ?? (isEncoded === '%' ? decodeURIComponent(text) : text.replace(/\\(.)/g, '$1')),
              reason,
            ],
          ),
        ),
      };
    else {
      const parameter = (key: string): string | undefined => new RegExp(`;${key}=(\\w+)`).exec(more)?.[1];
      const [ageMs, from] = [parameter('age-ms'), parameter('from')];
      parts[name] = {
        status,
        source: parameter('source') ?? 'none',
        ...(ageMs !== undefined && { ageMs: Number(ageMs) }),
        ...(from !== undefined && { from: Number(from) }),
      };
    }
  }
  return parts;
}
