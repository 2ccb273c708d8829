import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/**
 * A response that names an origin varies by it, also where a handler sets `Vary` itself and so replaces what stood there before: a cache would
 * give the response for one origin to a page of another one.
 */
export function keepVaryByOrigin(response: ServerResponse): void {
  const write = response.writeHead.bind(response);
  response.writeHead = (status: number, first?: string | Headers, second?: Headers): ServerResponse => {
    const set = response.getHeader('vary');
    if (set !== undefined) response.setHeader('vary', withOrigin(set));
    return typeof first === 'string' ? write(status, first, completed(second)) : write(status, completed(first));
  };
}

function completed(headers: Headers | undefined): Headers | undefined {
  if (headers === undefined) return undefined;
  if (Array.isArray(headers)) return headers.some(isByOrigin) ? headers : [...headers, 'vary', 'origin'];
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      name.toLowerCase() === 'vary' && value !== undefined ? withOrigin(value) : value,
    ]),
  );
}

const isByOrigin = (entry: OutgoingHttpHeader, index: number, all: OutgoingHttpHeader[]): boolean =>
  index % 2 === 1 && /^vary$/i.test(String(all[index - 1])) && withOrigin(entry) === entry;

function withOrigin(value: OutgoingHttpHeader): string {
  const text = [value].flat().join(', ');
  return /(?:^|,)\s*(?:origin|\*)\s*(?:,|$)/i.test(text) ? text : `${text}, origin`;
}
