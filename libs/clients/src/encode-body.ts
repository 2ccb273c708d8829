import { randomBytes } from 'node:crypto';
import type { BodySpec } from '@frontage/core';
import { isJsonMedia, jsonOf } from './encode-style.js';
import { EncodeError, fieldValue, kindOf, membersOf, percentEncode, textOf } from './encode-value.js';

export interface EncodedBody {
  readonly contentType: string;
  readonly content: string | Uint8Array;
}

/** Writes the body of one call; `undefined` where it has none. @throws EncodeError */
export type EncodeBody = (body: unknown, contentType: string | undefined) => EncodedBody | undefined;

/** One encoder per media type that the contract declares; the first is sent where the caller names none. */
export function compileBody(spec: BodySpec): EncodeBody {
  const encoders = new Map(spec.media.map((media) => [media, encoderOf(media)]));
  const [first] = encoders.values();
  if (first === undefined) throw new Error('a body needs at least one media type');
  return (body, contentType) => {
    if (body === undefined) {
      if (spec.required === true) throw new EncodeError('the body is missing');
      return undefined;
    }
    const encode = contentType === undefined ? first : encoders.get(contentType);
    if (encode === undefined) {
      throw new EncodeError(`the body cannot be sent as ${contentType}; the contract takes ${spec.media.join(', ')}`);
    }
    return encode(body);
  };
}

function encoderOf(media: string): (body: unknown) => EncodedBody {
  const essence = (media.split(';')[0] ?? media).trim().toLowerCase();
  if (isJsonMedia(media)) return (body) => ({ contentType: media, content: jsonOf(body) });
  if (essence === '*/*') return (body) => ({ contentType: 'application/json', content: jsonOf(body) });
  if (essence === 'application/x-www-form-urlencoded') return (body) => ({ contentType: media, content: formOf(body) });
  if (essence === 'multipart/form-data') return multipartOf;
  return (body) => ({ contentType: media, content: rawOf(body) });
}

function rawOf(body: unknown): string | Uint8Array {
  return body instanceof Uint8Array ? body : textOf(body);
}

function membersOfForm(body: unknown): [name: string, member: unknown][] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new EncodeError(`the body is ${kindOf(body)} where an object is taken`);
  }
  return membersOf(body);
}

/** WHATWG URL section 5.2 without its `+` for spaces: every decoder reads `%20`. Lists repeat their name, objects travel as JSON. */
function formOf(body: unknown): string {
  const pairs: string[] = [];
  for (const [name, member] of membersOfForm(body)) {
    for (const item of Array.isArray(member) ? member : [member]) {
      pairs.push(`${percentEncode(name)}=${percentEncode(typeof item === 'object' ? jsonOf(item) : textOf(item))}`);
    }
  }
  return pairs.join('&');
}

/** RFC 7578. Bytes travel as files named after their member, objects as JSON parts, the rest as text. */
function multipartOf(body: unknown): EncodedBody {
  const boundary = `frontage-${randomBytes(18).toString('base64url')}`;
  const chunks: Uint8Array[] = [];
  for (const [name, member] of membersOfForm(body)) {
    for (const item of Array.isArray(member) ? member : [member]) {
      const label = partName(name);
      const [head, content] =
        item instanceof Uint8Array
          ? [`; filename="${label}"\r\ncontent-type: application/octet-stream`, item]
          : typeof item === 'object'
            ? ['\r\ncontent-type: application/json', Buffer.from(jsonOf(item))]
            : ['', Buffer.from(textOf(item))];
      chunks.push(
        Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${label}"${head}\r\n\r\n`),
        content,
        Buffer.from('\r\n'),
      );
    }
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`));
  return { contentType: `multipart/form-data; boundary=${boundary}`, content: Buffer.concat(chunks) };
}

// HTML section 4.10.21.8: the only escapes that a part name knows.
function partName(name: string): string {
  return fieldValue(name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22'));
}
