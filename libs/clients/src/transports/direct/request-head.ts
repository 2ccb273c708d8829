import type { UpstreamRequest } from '../../request/upstream-request.js';

/** RFC 9110 section 8.6: methods that give a body a meaning say so where they have none. */
const expectsBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

const unsafeTarget = /[^\x21-\x7e\x80-\xff]/;
const unsafeField = /[^\t\x20-\x7e\x80-\xff]/;

/** The end of the request line, and the fields that are the same for all requests to one host. */
export const afterTargetOf = (host: string): string => ` HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;

/**
 * The head of a request whose body is at hand (RFC 9112 section 3). All of it was checked where it was written; it is refused here once
 * more where something could end a line, because what follows would be a request of its own.
 * @param afterTarget what stands between the target and the fields of this request: {@link afterTargetOf}
 * @param content its body
 * @returns `undefined` where it cannot be sent
 */
export function requestHead(
  request: UpstreamRequest,
  afterTarget: string,
  content: string | Uint8Array | undefined,
): string | undefined {
  const { method, address, headers, headerLines } = request;
  const target = address.prefix + request.sentTarget;
  if (unsafeTarget.test(target)) return undefined;
  let head = method + ' ' + target + afterTarget + headerLines;
  if (headerLines === '') {
    for (let at = 0; at + 1 < headers.length; at += 2) {
      const name = headers[at]!;
      const value = headers[at + 1]!;
      if (unsafeField.test(name) || unsafeField.test(value)) return undefined;
      head = head + name + ': ' + value + '\r\n';
    }
  }
  if (content !== undefined && content.length > 0) head += `content-length: ${Buffer.byteLength(content)}\r\n`;
  else if (expectsBody.has(method)) head += 'content-length: 0\r\n';
  return `${head}\r\n`;
}
