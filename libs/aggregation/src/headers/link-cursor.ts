import type { ResponseFields } from '@frontage/core';

/** A target and its parameters (RFC 8288 section 3). */
const linkValue = /<([^<>]*)>((?:\s*;\s*[^\s=;,"]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]*))?)*)/g;
const linkParameter = /;\s*([^\s=;,"]+)(?:\s*=\s*(?:"([^"]*)"|([^\s;,"]*)))?/g;

/**
 * The cursor of the next page from a `Link` field (RFC 8288): the value of a query parameter of the target with `rel="next"`. For `next`
 * of `pages(...)`.
 *
 * ```ts
 * pages((page) => required(issues.list, { query: { page } }), { next: (_page, _count, headers) => cursorInLink(headers['Link'], 'page'), ... })
 * ```
 * @param link the field; several of them are one list
 * @param parameter the name of the query parameter that holds the cursor
 * @returns undefined on the last page, and for a field that cannot be read
 */
export function cursorInLink(link: ResponseFields[string] | undefined, parameter: string): string | undefined {
  if (typeof link !== 'string') return undefined;
  for (const [, target = '', parameters = ''] of link.matchAll(linkValue)) {
    const relation = [...parameters.matchAll(linkParameter)].find(([, name = '']) => name.toLowerCase() === 'rel');
    const names = (relation?.[2] ?? relation?.[3] ?? '').toLowerCase().split(/\s+/);
    if (!names.includes('next')) continue;
    const query = target.split('#', 1)[0]?.split('?').slice(1).join('?') ?? '';
    return new URLSearchParams(query).get(parameter) ?? undefined;
  }
  return undefined;
}
