import type { IncomingMessage } from 'node:http';

/** Enough for every request of a contract, and less than what hurts. */
const maxBytes = 10 * 1024 * 1024;

/** Reads the whole body; what is over the limit is read and dropped, so that the answer still arrives. */
export async function readBody(request: IncomingMessage): Promise<Buffer | 'too_large'> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
    }
  } catch {
    // The caller left while sending: there is nobody to answer.
    return Buffer.alloc(0);
  }
  return length <= maxBytes ? Buffer.concat(chunks) : 'too_large';
}

export interface ParsedBody {
  /** Undefined for what is neither JSON nor a form. */
  readonly value?: unknown;
  /** Why it is no JSON. */
  readonly error?: string;
}

/** Reads JSON and forms. */
export function parseBody(body: Buffer, media: string): ParsedBody {
  const type = media.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/x-www-form-urlencoded') {
    return { value: Object.fromEntries(new URLSearchParams(body.toString())) };
  }
  if (type !== 'application/json' && !type.endsWith('+json')) return {};
  try {
    return { value: JSON.parse(body.toString()) as unknown };
  } catch (error) {
    return { error: error instanceof Error ? error.message : 'The body is no JSON.' };
  }
}
