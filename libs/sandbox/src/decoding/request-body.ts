import type { MediaDescription } from '@frontage/contracts';
import { mediaKind } from '@frontage/core';
import type { IncomingMessage } from 'node:http';
import { decodeForm, decodeParts } from './form-decoding.js';
import { takesType, type ReadingContext } from './typed-reading.js';

/** Largest body in bytes that is kept. */
const maxBytes = 10 * 1024 * 1024;

/** Reads the whole body; bytes above the limit are read and dropped, so that the response still arrives. */
export async function readBody(request: IncomingMessage): Promise<Buffer | 'too_large'> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
    }
  } catch {
    // The caller left while sending: no response can reach it.
    return Buffer.alloc(0);
  }
  return length <= maxBytes ? Buffer.concat(chunks) : 'too_large';
}

export interface ParsedBody {
  /** Undefined for a body without a value other than its bytes. */
  readonly value?: unknown;
  /** The reason why it is not of its media type. */
  readonly error?: string;
}

/**
 * Reads a body as its contract describes it.
 * @param media the content type that it came with
 */
export async function parseBody(
  body: Buffer,
  media: string,
  described: MediaDescription,
  reading: ReadingContext,
): Promise<ParsedBody> {
  try {
    return { value: await valueOf(body, media, described, reading) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : 'The body does not match its content type.' };
  }
}

function valueOf(body: Buffer, media: string, described: MediaDescription, reading: ReadingContext): unknown {
  const text = body.toString();
  switch (mediaKind(media)) {
    case 'json':
      return JSON.parse(text);
    case 'ndjson':
      // RFC 7464 puts a U+001E before each.
      return text
        .split('\n')
        .map((line) => line.replace('\u001E', '').trim())
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown);
    case 'form':
      return decodeForm(text, described, reading);
    case 'multipart':
      return decodeParts(body, media, described, reading);
    case 'text':
      return described.schema !== undefined && takesType(described.schema, 'string', reading.resolve)
        ? text
        : undefined;
    case 'binary':
      return undefined;
  }
}
