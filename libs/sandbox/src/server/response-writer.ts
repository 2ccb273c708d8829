import { isJsonMedia } from '@frontage/contracts';
import type { ServerResponse } from 'node:http';
import type { SandboxResponse } from '../model/behaviour.js';
import type { Fault } from './faults.js';

/** The end of a call; undefined where the connection shows it. */
export type WriteResult = 'reset' | undefined;

/** Writes a response, or the part that a fault leaves of it. */
export function writeResponse(response: ServerResponse, toSend: SandboxResponse, fault: Fault = {}): WriteResult {
  const body = bodyOf(toSend, fault);
  response.writeHead(toSend.status, headersOf(toSend, body));
  if (fault.hang === 'after_headers') {
    response.flushHeaders();
    return undefined;
  }
  if (fault.hang === 'mid_body' || fault.reset === 'mid_body') {
    response.write(body.subarray(0, Math.ceil(body.length / 2)), () => {
      if (fault.reset === 'mid_body') resetConnection(response);
    });
    return fault.reset === 'mid_body' ? 'reset' : undefined;
  }
  if (fault.slowBody !== undefined) writeSlowly(response, body, fault.slowBody);
  else response.end(body);
  return undefined;
}

/** RST instead of FIN: the caller sees ECONNRESET. */
export function resetConnection(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function bodyOf({ body, media }: SandboxResponse, { badPayload }: Fault): Buffer {
  if (badPayload === 'empty') return Buffer.alloc(0);
  if (badPayload === 'html') return Buffer.from('<!doctype html><title>Bad gateway</title>\n');
  if (body === undefined) return Buffer.alloc(0);
  const isText = typeof body === 'string' && media !== undefined && !isJsonMedia(media);
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(isText ? body : JSON.stringify(body));
  return badPayload === true ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes;
}

function headersOf(toSend: SandboxResponse, body: Buffer): Record<string, string | number> {
  const media = toSend.media ?? (toSend.status >= 400 ? 'application/problem+json' : 'application/json');
  return {
    ...(toSend.body !== undefined && { 'content-type': media }),
    // RFC 9110 section 8.6: a 204 has no Content-Length.
    ...(toSend.status !== 204 && { 'content-length': body.length }),
    ...toSend.headers,
  };
}

function writeSlowly(response: ServerResponse, body: Buffer, { bytes, everyMs }: NonNullable<Fault['slowBody']>): void {
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + bytes));
    sent += bytes;
    if (sent < body.length) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  response.once('close', () => clearInterval(timer));
  response.flushHeaders();
}
