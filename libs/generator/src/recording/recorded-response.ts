import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { isTooDeep, maybeHasInexactNumber, redact, redactValue } from '@frontage/core';

/** A response of a real upstream, as a file that tests serve again. */
export interface RecordedResponse {
  readonly request: {
    readonly method: string;
    /** Path and query below the address of the upstream; `[redacted]` stands for any text. */
    readonly target: string;
    /** Of the request body, in hexadecimal; absent without a body. */
    readonly bodySha256?: string;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** A JSON body. */
    readonly body?: unknown;
    /** Another text, or JSON with numbers that JavaScript cannot hold exactly. */
    readonly bodyText?: string;
  };
}

export interface ReceivedResponse {
  readonly method: string;
  readonly target: string;
  /** Empty where the request has no body. */
  readonly requestBody: Uint8Array;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Header fields that a plan can read; others, such as `Set-Cookie`, are not kept. */
const keptHeaders: ReadonlySet<string> = new Set(
  `content-type content-language etag last-modified cache-control link location retry-after x-total-count ratelimit ratelimit-policy
  ratelimit-limit ratelimit-remaining ratelimit-reset x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset`.split(
    /\s+/,
  ),
);

const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

/**
 * A response without secrets and addresses of people: values of secret-like names, tokens and keys of a known shape, e-mail addresses.
 * @returns undefined for bytes that are no text
 */
export function recordedResponse(received: ReceivedResponse): RecordedResponse | undefined {
  const { method, target, requestBody, status, headers, body } = received;
  const kept = [...headers].filter(([name]) => keptHeaders.has(name)).map(([name, value]) => [name, redact(value)]);
  const content = body.length === 0 ? {} : contentOf(body, headers.get('content-type') ?? '');
  if (content === undefined) return undefined;
  return {
    request: {
      method,
      target: redact(target),
      ...(requestBody.length > 0 && { bodySha256: sha256(requestBody) }),
    },
    response: { status, headers: Object.fromEntries(kept), ...content },
  };
}

/** A name that is the same for the same request, and readable: `GET_customers_42-1f0c9a2b.json`. */
export function fileNameOf({ method, target, bodySha256 = '' }: RecordedResponse['request']): string {
  const readable = `${method}${target.split('?', 1)[0]}`.replaceAll(/[^A-Za-z0-9.-]+/g, '_').slice(0, 60);
  return `${readable.replace(/[_.]+$/, '')}-${sha256(`${method} ${target}\n${bodySha256}`).slice(0, 8)}.json`;
}

function contentOf(bytes: Uint8Array, mediaType: string): { body: unknown } | { bodyText: string } | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = Buffer.from(bytes).toString();
  if (text.includes('\0')) return undefined;
  const isJson = /^[^;]*[/+]json\s*(?:;|$)/i.test(mediaType);
  if (!isJson || maybeHasInexactNumber(bytes) || isTooDeep(bytes)) return { bodyText: redact(text, text.length) };
  try {
    return { body: redactValue(JSON.parse(text)) };
  } catch {
    return { bodyText: redact(text, text.length) };
  }
}
