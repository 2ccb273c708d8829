import { isUtf8 } from 'node:buffer';
import type { BodyReader } from '@frontage/context';
import { markInexact, mediaKind, type MediaKind, type ResponseSpec } from '@frontage/core';
import type { ResponseCheck } from './response-check.js';
import { jsonReader, type Body, type NumberRule } from './decode-json.js';
import { coversMedia, essenceOf } from '../encode/media.js';

/** Reads bodies of one media type. */
export interface Reader {
  readonly kind: MediaKind;
  readonly accepts: (contentType: string) => boolean;
  /** The value, or a sentence about what is wrong. */
  readonly read: (bytes: Buffer) => Body | string;
}

/** Finds the reader for a content type, or says what is wrong with it. */
type FindReader = (contentType: string | string[] | undefined) => Reader | string;

/** The readers of the bodies of one status. */
export interface Readers {
  readonly find: FindReader;
  /** Every reader, for a body whose content type is not to be trusted: JSON first, because it is the one that refuses what it is not. */
  readonly all: readonly Reader[];
}

/** The description of one body in a contract. */
export interface MediaSpec {
  readonly media: string;
  readonly schema?: string;
}

export function hasMedia(spec: ResponseSpec): spec is ResponseSpec & MediaSpec {
  return spec.media !== undefined;
}

interface ReadOptions {
  readonly bigNumbers: NumberRule;
  readonly check?: ResponseCheck | undefined;
  readonly readBody?: BodyReader | undefined;
}

export function compileReaders(specs: readonly MediaSpec[], { bigNumbers, check, readBody }: ReadOptions): Readers {
  const readers = specs.map(({ media, schema }) => {
    const reader = readingBody(readerOf(media, bigNumbers), readBody);
    return check === undefined || schema === undefined ? reader : checking(reader, schema, check);
  });
  // Upstreams say the same thing every time: the last good spelling is compared first.
  let knownType: string | undefined;
  let known: Reader | undefined;
  const find: FindReader = (contentType) => {
    if (contentType !== undefined && contentType === knownType && known !== undefined) return known;
    if (typeof contentType !== 'string')
      return contentType === undefined ? 'has no content type' : 'has several content types';
    const reader = readers.find(({ accepts }) => accepts(contentType));
    if (reader === undefined)
      return `has content type ${contentType} where ${specs.map(({ media }) => media).join(', ')} is declared`;
    knownType = contentType;
    // A range says nothing about how what it covers is read.
    known = reader.kind === 'binary' ? readerOf(essenceOf(contentType), bigNumbers) : reader;
    return known;
  };
  const isJson = ({ kind }: Reader): boolean => kind === 'json' || kind === 'ndjson';
  return { find, all: [...readers.filter(isJson), ...readers.filter((reader) => !isJson(reader))] };
}

function readingBody(reader: Reader, readBody: BodyReader | undefined): Reader {
  if (readBody === undefined || reader.kind !== 'json') return reader;
  return {
    ...reader,
    read(bytes) {
      const value = readBody(bytes);
      return value === undefined ? reader.read(bytes) : { ok: true, value };
    },
  };
}

function checking(reader: Reader, schema: string, check: ResponseCheck): Reader {
  if (reader.kind !== 'json' && reader.kind !== 'ndjson') return reader;
  return {
    ...reader,
    read(bytes) {
      const body = reader.read(bytes);
      return typeof body === 'string' ? body : (check(schema, body.rounded ?? body.value) ?? body);
    },
  };
}

function readerOf(declared: string, bigNumbers: NumberRule): Reader {
  const kind = mediaKind(declared);
  switch (kind) {
    case 'json':
      // Error bodies are often `application/problem+json`, also where the contract names another type.
      return {
        kind,
        accepts: (contentType) => mediaKind(contentType) === 'json' && isUtf8Charset(contentType),
        read: jsonReader(bigNumbers),
      };
    case 'ndjson':
      return { kind, accepts: (contentType) => mediaKind(contentType) === 'ndjson', read: linesReader(bigNumbers) };
    case 'text':
    case 'form':
      return {
        kind,
        accepts: (contentType) => coversMedia(declared, contentType) && isUtf8Charset(contentType),
        read: (bytes) => (isUtf8(bytes) ? { ok: true, value: bytes.toString('utf8') } : 'is not UTF-8'),
      };
    default:
      return {
        kind,
        accepts: (contentType) => coversMedia(declared, contentType),
        read: (bytes) => ({ ok: true, value: bytes }),
      };
  }
}

function isUtf8Charset(contentType: string): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase();
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii';
}

/** Values one per line, or one after each U+001E. */
function linesReader(bigNumbers: NumberRule): Reader['read'] {
  const readLine = lineReader(bigNumbers);
  return (bytes) => {
    const values: unknown[] = [];
    let rounded: unknown[] | undefined;
    for (let start = 0; start < bytes.length;) {
      const newline = bytes.indexOf(0x0a, start);
      const end = newline === -1 ? bytes.length : newline;
      const line = readLine(bytes.subarray(start, end));
      if (typeof line === 'string') return line;
      if (line?.rounded !== undefined) {
        markInexact(values);
        rounded ??= [...values];
      }
      if (line !== undefined) {
        values.push(line.value);
        rounded?.push(line.rounded ?? line.value);
      }
      start = end + 1;
    }
    return rounded === undefined ? { ok: true, value: values } : { ok: true, value: values, rounded };
  };
}

/** Reads one line: its value, nothing where it is blank, or what is wrong with it. */
export function lineReader(bigNumbers: NumberRule): (line: Buffer) => Body | string | undefined {
  const read = jsonReader(bigNumbers);
  return (line) => {
    let start = 0;
    let end = line.length;
    while (start < end && (isBlank(line[start]) || line[start] === 0x1e)) start++;
    while (end > start && isBlank(line[end - 1])) end--;
    if (start === end) return undefined;
    const body = read(line.subarray(start, end));
    return typeof body === 'string' ? `${body}, in one of its lines` : body;
  };
}

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0d || byte === 0x09;
