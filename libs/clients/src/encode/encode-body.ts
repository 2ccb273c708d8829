import { bodySchemaOf, mediaKind, type BodySpec, type SchemaTable } from '@frontage/core';
import { contentOf, FilePart, isAsyncIterable, isBinary, StreamedBody, type EncodedBody } from './body-content.js';
import { compileForm } from './encode-form.js';
import { compileMultipart } from './encode-multipart.js';
import { compileExactIntegers } from './exact-integers.js';
import { jsonOf } from './encode-json.js';
import { EncodeError, fieldValue, kindOf, textOf } from './encode-value.js';
import { coversMedia, essenceOf, isRange } from './media.js';

/** Writes the body of one call; `undefined` where it has none. @throws EncodeError */
export type EncodeBody = (body: unknown, contentType: string | undefined) => EncodedBody | undefined;

type EncodeAs = (body: unknown, contentType: string) => EncodedBody;

/**
 * One encoder per media type that the contract declares; the first is sent where the caller names none.
 * @param schemas of the contract: they say where the body has integers of 64 bits
 */
export function compileBody(spec: BodySpec, schemas: SchemaTable): EncodeBody {
  const encoders = new Map(spec.media.map((media) => [media, exactly(spec, media, schemas)]));
  const [first] = encoders;
  if (first === undefined) throw new Error('a body needs at least one media type');
  const find = (contentType: string): EncodeAs | undefined => {
    const exact = encoders.get(contentType);
    if (exact !== undefined) return exact;
    // The media type of the caller is concrete, also if the contract has a range or other parameters.
    const declared = isRange(contentType) ? undefined : spec.media.find((media) => coversMedia(media, contentType));
    return declared === undefined ? undefined : encoders.get(declared);
  };
  return (body, contentType) => {
    if (body === undefined) {
      if (spec.required === true) throw new EncodeError('the body is missing');
      return undefined;
    }
    if (contentType === undefined) return first[1](body, first[0]);
    const encode = find(contentType);
    if (encode === undefined) {
      throw new EncodeError(`the body cannot be sent as ${contentType}; the contract takes ${spec.media.join(', ')}`);
    }
    return encode(body, fieldValue(contentType));
  };
}

/** JSON has every digit of an integer of 64 bits. */
function exactly(spec: BodySpec, media: string, schemas: SchemaTable): EncodeAs {
  const encode = encoderOf(media, spec);
  const kind = mediaKind(media);
  if (kind !== 'json' && kind !== 'ndjson') return encode;
  const withIntegers = compileExactIntegers(bodySchemaOf(spec, media), schemas);
  return withIntegers === undefined ? encode : (body, contentType) => encode(withIntegers(body), contentType);
}

function encoderOf(media: string, spec: BodySpec): EncodeAs {
  if (essenceOf(media) === '*/*') return encodeAnything;
  const encoding = spec.encoding?.filter((each) => each.media === undefined || each.media === media) ?? [];
  switch (mediaKind(media)) {
    case 'json':
      return (body, contentType) => ({ contentType, content: jsonOf(body) });
    case 'ndjson':
      return encodeLines(essenceOf(media).endsWith('json-seq') ? '\u001E' : '');
    case 'form': {
      const write = compileForm(encoding);
      return (body, contentType) => ({ contentType, content: write(body) });
    }
    case 'multipart':
      return compileMultipart(media, encoding);
    case 'text':
    case 'binary':
      return encodeRaw;
  }
}

function encodeRaw(body: unknown, contentType: string): EncodedBody {
  const part = body instanceof FilePart ? body : undefined;
  const content = part === undefined ? body : part.content;
  return {
    contentType: isRange(contentType) ? typeOf(part?.options.contentType, content, contentType) : contentType,
    content: isBinary(content) ? contentOf([content]) : textOf(content),
  };
}

/** A range is no content type: what the content itself says, as far as the range covers it. */
function typeOf(named: string | undefined, content: unknown, range: string): string {
  const own = named ?? (content instanceof Blob ? content.type : '');
  if (own !== '' && coversMedia(range, own)) return fieldValue(own);
  return range.startsWith('text/') ? 'text/plain' : 'application/octet-stream';
}

function encodeAnything(body: unknown, contentType: string): EncodedBody {
  if (isBinary(body) || body instanceof FilePart) return encodeRaw(body, contentType);
  if (!isRange(contentType) && mediaKind(contentType) !== 'json') return encodeRaw(body, contentType);
  return { contentType: isRange(contentType) ? 'application/json' : contentType, content: jsonOf(body) };
}

/** One JSON text per line; what arrives one by one is sent one by one. @param before each text: RFC 7464 has a U+001E there */
function encodeLines(before: string): EncodeAs {
  const lineOf = (value: unknown): string => `${before}${jsonOf(value)}\n`;
  async function* linesOf(values: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
    for await (const value of values) yield Buffer.from(lineOf(value));
  }
  return (body, contentType) => {
    if (body instanceof Uint8Array || body instanceof Blob) return { contentType, content: contentOf([body]) };
    if (Array.isArray(body)) return { contentType, content: body.map(lineOf).join('') };
    if (isAsyncIterable(body)) return { contentType, content: new StreamedBody([linesOf(body)], [body]) };
    throw new EncodeError(`the body is ${kindOf(body)} where a list is taken`);
  };
}
