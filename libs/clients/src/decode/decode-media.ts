import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { KeptBody, type KeptReader } from '@frontage/caching';
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
  readonly also?: readonly string[];
  readonly schema?: string;
}

export function hasMedia(spec: ResponseSpec): spec is ResponseSpec & MediaSpec {
  return spec.media !== undefined;
}

interface ReadOptions {
  readonly bigNumbers: NumberRule;
  readonly check?: ResponseCheck | undefined;
  readonly readBody?: BodyReader | undefined;
  readonly keep?: KeptReader | undefined;
}

export function compileReaders(
  specs: readonly MediaSpec[],
  { bigNumbers, check, readBody, keep }: ReadOptions,
): Readers {
  const readers = specs.map(({ media, also, schema }) => {
    const reader = readingBody(takingAlso(readerOf(media, bigNumbers), also, bigNumbers), readBody);
    return keeping(check === undefined || schema === undefined ? reader : checking(reader, schema, check), keep);
  });
  // Upstreams say the same thing every time: the last good spelling is compared first.
  let knownType: string | undefined;
  let known: Reader | undefined;
  const declared = specs.map(({ media }) => media);
  // Of several that would take it, the one of exactly that type: schemas may differ by type.
  const readerFor = (contentType: string): Reader | undefined =>
    readers[declared.findIndex((media) => sameText(media, contentType))] ??
    readers[declared.findIndex((media) => essenceOf(media) === essenceOf(contentType))] ??
    readers.find(({ accepts }) => accepts(contentType));
  const takesAny = readers[specs.findIndex(({ also }) => also?.includes('*/*') === true)];
  const find: FindReader = (contentType) => {
    if (contentType !== undefined && contentType === knownType && known !== undefined) return known;
    if (typeof contentType !== 'string') {
      if (contentType === undefined) return takesAny ?? 'has no content type';
      return 'has several content types';
    }
    const reader = readerFor(contentType);
    if (reader === undefined) return `has content type ${contentType} where ${declared.join(', ')} is declared`;
    knownType = contentType;
    // A range says nothing about how what it covers is read.
    known = reader.kind === 'binary' ? readerOf(essenceOf(contentType), bigNumbers) : inCharsetOf(contentType, reader);
    return known;
  };
  const isJson = ({ kind }: Reader): boolean => kind === 'json' || kind === 'ndjson';
  return { find, all: [...readers.filter(isJson), ...readers.filter((reader) => !isJson(reader))] };
}

const sameText = (one: string, other: string): boolean =>
  one.replaceAll(' ', '').toLowerCase() === other.replaceAll(' ', '').toLowerCase();

/** Takes the same content under other content types. A text that comes as JSON is the text in it, or what it is, unquoted. */
function takingAlso(reader: Reader, also: readonly string[] = [], bigNumbers: NumberRule): Reader {
  if (also.length === 0) return reader;
  const accepts = (contentType: string): boolean =>
    reader.accepts(contentType) || also.some((range) => coversMedia(range, contentType));
  if (reader.kind !== 'text' || !also.includes('*/*')) return { ...reader, accepts };
  const readJson = jsonReader(bigNumbers);
  return {
    ...reader,
    accepts,
    read(bytes) {
      const body = reader.read(bytes);
      if (bytes[0] !== 0x22 || typeof body === 'string') return body;
      const value = readJson(bytes);
      return typeof value !== 'string' && typeof value.value === 'string' ? value : body;
    },
  };
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

function keeping(reader: Reader, keep: KeptReader | undefined): Reader {
  if (keep === undefined || reader.kind !== 'json') return reader;
  return {
    ...reader,
    read(bytes) {
      const kept = new KeptBody(bytes);
      const body = reader.read(kept.bytes);
      if (typeof body === 'string') return body;
      kept.wasRead(keep, body.value);
      return { ok: true, value: kept };
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
        // RFC 8259 section 11 has no charset: JSON is UTF-8, whatever stands there.
        accepts: (contentType) => mediaKind(contentType) === 'json',
        read: jsonReader(bigNumbers),
      };
    case 'ndjson':
      return { kind, accepts: (contentType) => mediaKind(contentType) === 'ndjson', read: linesReader(bigNumbers) };
    case 'text':
    case 'form':
      return {
        kind,
        accepts: (contentType) => coversMedia(declared, contentType),
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

/** A reader of text in the charset that a content type names, where it is not UTF-8 (the labels of the Encoding Standard). */
function inCharsetOf(contentType: string, reader: Reader): Reader {
  const label = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase();
  if (label === undefined || reader.kind !== 'text' || utf8Labels.has(label)) return reader;
  const decoder = decoderOf(label);
  if (decoder === undefined) return { ...reader, read: () => `has the charset ${label}, which is not known` };
  return {
    ...reader,
    read(bytes) {
      try {
        return { ok: true, value: decoder.decode(bytes) };
      } catch {
        return `is not ${label}`;
      }
    },
  };
}

const utf8Labels: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

function decoderOf(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true });
  } catch {
    return undefined;
  }
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
