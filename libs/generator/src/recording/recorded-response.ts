import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { isTooDeep, maybeHasInexactNumber, redact } from '@frontage/core';

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

const redacted = '[redacted]';

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
    return { body: withoutSecrets('', JSON.parse(text)) };
  } catch {
    return { bodyText: redact(text, text.length) };
  }
}

/** @param name of the nearest member around the value; all that stands below a secret-like name is secret */
function withoutSecrets(name: string, value: unknown): unknown {
  // `tokens` is a list of what `token` names.
  if (Array.isArray(value)) return value.map((item: unknown) => withoutSecrets(name.replace(/s$/, ''), item));
  if (typeof value === 'object' && value !== null) {
    const isHidden = name !== '' && withoutSecret(name, probe) !== probe;
    const members = Object.entries(value).map(([key, member]) => [key, withoutSecrets(isHidden ? name : key, member)]);
    return Object.fromEntries(members);
  }
  return typeof value === 'string' || typeof value === 'number' ? withoutSecret(name, value) : value;
}

/** A text that is a secret only behind a secret-like name. */
const probe = 'Kq7 or Zv9';

/** The replacement has the type of the value, so that the response still is as its contract says. */
function withoutSecret(name: string, value: string | number): string | number {
  const whole = JSON.stringify({ [name]: value });
  const safe = redact(whole, whole.length + redacted.length);
  if (safe === whole) return value;
  if (typeof value === 'number') return 0;
  if (/^[^\s@]+@[^\s@]+$/.test(value)) return 'redacted@example.com';
  try {
    const parsed: unknown = JSON.parse(safe);
    const [text] = typeof parsed === 'object' && parsed !== null ? Object.values(parsed) : [];
    return typeof text === 'string' ? text : redacted;
  } catch {
    return redacted;
  }
}
