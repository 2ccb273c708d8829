import { request as plainRequest, type Agent, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';

/** Longest response of a provider, in bytes: discovery documents and key sets of large ones have about 20 kB. */
const maxBytes = 1_048_576;

export interface IssuerRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Sends one request to a provider. A redirect is a response like any other. */
export type IssuerFetch = (url: string, request: IssuerRequest) => Promise<Response>;

/**
 * Requests over the agent of the app, which resolves names and uses a proxy. Rejects with an error for a response that is too long.
 * @param timeoutMs for the whole response
 */
export function issuerFetch(agent: Agent | undefined, timeoutMs: number): IssuerFetch {
  return async (url, { method, headers, body, signal }) => {
    const send = url.startsWith('https:') ? tlsRequest : plainRequest;
    const text = body instanceof URLSearchParams || typeof body === 'string' ? body.toString() : undefined;
    const signals = [AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])];
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      send(url, {
        method,
        headers: { ...headers, ...(text !== undefined && { 'content-length': Buffer.byteLength(text) }) },
        signal: AbortSignal.any(signals),
        ...(agent && { agent }),
      })
        .once('response', resolve)
        .once('error', reject)
        .end(text);
    });
    const bytes = await readAll(response);
    const { statusCode: status = 0 } = response;
    const noBody = status === 204 || status === 205 || status === 304;
    return new Response(noBody ? null : new Uint8Array(bytes), { status, headers: fieldsOf(response) });
  };
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new Error(`the provider responded with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function fieldsOf({ rawHeaders }: IncomingMessage): Headers {
  const fields = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) fields.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '');
  return fields;
}
