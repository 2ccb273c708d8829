import { randomBytes } from 'node:crypto';
import { mediaKind, type PropertyEncoding } from '@frontage/core';
import { ArrivingFile, type FileSource } from '../files/arriving-file.js';
import { contentOf, FilePart, isBinary, type Binary, type FilePartOptions, type EncodedBody } from './body-content.js';
import { inProperty, membersOfForm } from './encode-form.js';
import { jsonOf } from './encode-json.js';
import { EncodeError, fieldValue, textOf } from './encode-value.js';
import { coversMedia, essenceOf, isRange } from './media.js';

/**
 * Compiles `multipart/form-data` (RFC 7578). Bytes travel as files, objects as JSON parts, the rest as text, and every item of a list as
 * a part of its own, unless the contract gives the property a content type. Streams are sent as they are read.
 */
export function compileMultipart(media: string, encoding: readonly PropertyEncoding[]): (body: unknown) => EncodedBody {
  const parts = new Map(encoding.map((spec) => [spec.name, declaredPart(spec)]));
  const essence = essenceOf(media);
  return (body) => {
    const boundary = `frontage-${randomBytes(18).toString('base64url')}`;
    const pieces: Binary[] = [];
    const arriving = new Map<FileSource, Map<string, ArrivingPart>>();
    for (const [name, member] of membersOfForm(body)) {
      const declared = parts.get(name) ?? undeclared;
      // A list that is declared to be JSON is one text; otherwise every item is a part (RFC 7578 section 4.3).
      const isOnePart = !Array.isArray(member) || declared.isJson;
      for (const item of isOnePart ? [member] : member) {
        if (item === undefined || item === null) continue;
        if (noteArriving(arriving, name, item, declared)) continue;
        const part = inProperty(name, () => partOf(name, item, declared));
        pieces.push(Buffer.from(`--${boundary}\r\n${part.head}\r\n`), part.content, Buffer.from('\r\n'));
      }
    }
    for (const [source, parts] of arriving) pieces.push(writeArriving(source, parts, boundary));
    pieces.push(Buffer.from(`--${boundary}--\r\n`));
    return { contentType: `${essence}; boundary=${boundary}`, content: contentOf(joined(pieces)) };
  };
}

/** The description of one property in the contract. */
interface DeclaredPart {
  /** Empty: the type that fits the value. */
  readonly types: readonly string[];
  readonly isJson: boolean;
  /** Headers with a value of their own. */
  readonly headers: Readonly<Record<string, string>>;
}

const undeclared: DeclaredPart = { types: [], isJson: false, headers: {} };

function declaredPart({ contentType, headers = [] }: PropertyEncoding): DeclaredPart {
  const types = contentType?.split(',').map((type) => type.trim()) ?? [];
  return {
    types,
    isJson: types.length > 0 && types.every((type) => mediaKind(type) === 'json'),
    headers: Object.fromEntries(headers.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
  };
}

/** A file of a form that is still arriving, and its name in the form that is sent. */
interface ArrivingPart {
  readonly name: string;
  readonly options: FilePartOptions;
  readonly declared: DeclaredPart;
}

/** @returns whether the item is a file that is still arriving: it is written behind the parts that are known */
function noteArriving(
  arriving: Map<FileSource, Map<string, ArrivingPart>>,
  name: string,
  item: unknown,
  declared: DeclaredPart,
): boolean {
  const { content, options } = item instanceof FilePart ? item : { content: item, options: {} };
  if (!(content instanceof ArrivingFile)) return false;
  const parts = arriving.get(content.source) ?? new Map<string, ArrivingPart>();
  arriving.set(content.source, parts);
  if (parts.has(content.name))
    inProperty(name, () => {
      throw new EncodeError('is a file that is still arriving, which can be sent once');
    });
  parts.set(content.name, { name, options, declared });
  return true;
}

/** The files of one form in the order in which they arrive: only so none of them has to be held. */
async function* writeArriving(
  source: FileSource,
  parts: ReadonlyMap<string, ArrivingPart>,
  boundary: string,
): AsyncGenerator<Uint8Array> {
  const names = new Set(parts.keys());
  for (let file = await source.next(names); file !== undefined; file = await source.next(names)) {
    const part = parts.get(file.name);
    if (part === undefined) continue;
    const { filename = file.filename, contentType = file.contentType, headers = {} } = part.options;
    const options = { contentType, headers, ...(filename !== undefined && { filename }) };
    const { head } = inProperty(part.name, () => filePart(part.name, '', options, part.declared));
    yield Buffer.from(`--${boundary}\r\n${head}\r\n`);
    yield* file.content;
    yield Buffer.from('\r\n');
  }
}

interface Part {
  readonly head: string;
  readonly content: Binary;
}

function partOf(name: string, item: unknown, declared: DeclaredPart): Part {
  if (item instanceof FilePart) return filePart(name, item.content, item.options, declared);
  if (isBinary(item)) return filePart(name, item, {}, declared);
  const wanted = concrete(declared.types);
  const isJson = wanted === undefined ? typeof item === 'object' : mediaKind(wanted) === 'json';
  const type = wanted ?? (isJson ? 'application/json' : undefined);
  return {
    head: `content-disposition: form-data; name="${quoted(name)}"\r\n${fields(type, declared.headers)}`,
    content: Buffer.from(isJson ? jsonOf(item) : textOf(item)),
  };
}

function filePart(
  name: string,
  content: Binary | string,
  { filename, contentType, headers }: FilePartOptions,
  declared: DeclaredPart,
): Part {
  const known = filename ?? (content instanceof File ? content.name : name);
  const own = content instanceof Blob && content.type !== '' ? content.type : undefined;
  const fits =
    own !== undefined && (declared.types.length === 0 || declared.types.some((type) => coversMedia(type, own)));
  const type = contentType ?? (fits ? own : concrete(declared.types)) ?? 'application/octet-stream';
  return {
    head:
      `content-disposition: form-data; name="${quoted(name)}"; filename="${quoted(known)}"\r\n` +
      fields(type, { ...declared.headers, ...headers }),
    content: typeof content === 'string' ? Buffer.from(content) : content,
  };
}

function fields(type: string | undefined, headers: Readonly<Record<string, string>>): string {
  let written = type === undefined ? '' : `content-type: ${fieldValue(type)}\r\n`;
  for (const [name, value] of Object.entries(headers)) written += `${partHeader(name)}: ${fieldValue(value)}\r\n`;
  return written;
}

function concrete(types: readonly string[]): string | undefined {
  return types.find((type) => !isRange(type));
}

// RFC 7578 section 4.8: the fields of a part are these and nothing that would change how it is read.
function partHeader(name: string): string {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) || /^content-(disposition|type|transfer-encoding)$/i.test(name)) {
    throw new EncodeError(`has a part with the header "${name}", which a part cannot be given`);
  }
  return name.toLowerCase();
}

/** HTML section 4.10.21.8: the only escapes that a name knows; everything beyond ASCII travels as UTF-8 (RFC 7578 section 5.1). */
function quoted(name: string): string {
  const escaped = name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
  for (let at = 0; at < escaped.length; at++) {
    if (escaped.charCodeAt(at) < 0x20 || escaped.charCodeAt(at) === 0x7f) {
      throw new EncodeError('has a name with a control character');
    }
  }
  if (!escaped.isWellFormed()) throw new EncodeError('has a name with half of a surrogate pair');
  return escaped;
}

/** Bytes that stand side by side become one piece: fewer writes. */
function joined(pieces: readonly Binary[]): Binary[] {
  const fewer: Binary[] = [];
  let run: Uint8Array[] = [];
  const flush = (): void => {
    if (run.length > 0) fewer.push(Buffer.concat(run));
    run = [];
  };
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) run.push(piece);
    else {
      flush();
      fewer.push(piece);
    }
  }
  flush();
  return fewer;
}
