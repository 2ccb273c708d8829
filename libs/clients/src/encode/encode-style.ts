import { mediaKind, type ParameterSpec, type ParameterStyle } from '@frontage/core';
import {
  EncodeError,
  fieldValue,
  membersOf,
  percentEncode,
  percentEncodeLeavingReserved,
  textOf,
  type EncodeText,
} from './encode-value.js';
import { asciiJson, jsonOf } from './encode-json.js';
import { deepestObject, nestedIn, type WriteNested } from './encode-query.js';
import { refuseClimbing } from './path-climbing.js';

/** Writes one present value; `''` where nothing is to be sent (an empty list). */
export type EncodeValue = (value: unknown) => string;

/** The form of one parameter in a request: OpenAPI 3.1 section 4.8.12.3, after RFC 6570. */
interface Layout {
  readonly primitive: EncodeValue;
  /** Before the first item or member. */
  readonly before: string;
  /** Before every item of a list. */
  readonly item: string;
  /** Between items, and between members. */
  readonly separator: string;
  /** Between the name of a member and what it holds. */
  readonly keySeparator: string;
  /** Write an item or what a member holds, and the name of a member; they refuse text that would read as a separator. */
  readonly text: EncodeText;
  readonly key: EncodeText;
  /** Names that members of an object may not take, because parameters of their own have them. */
  readonly taken?: ReadonlySet<string>;
  /** Writes objects and lists within the value; absent where the style has no way for them. */
  readonly nested?: WriteNested;
}

/**
 * Compiles the way of one parameter: its place, style and explode decide everything but the kind of the value.
 * @param taken names of the other parameters of the same place
 * @throws Error at boot for a style that its place does not have
 */
export function compileStyle(spec: ParameterSpec, taken: ReadonlySet<string>): EncodeValue {
  if (spec.content !== undefined) return compileContent(spec, spec.content);
  const style = spec.style ?? (spec.in === 'path' || spec.in === 'header' ? 'simple' : 'form');
  const explode = spec.explode ?? style === 'form';
  if (!stylesOf[spec.in].includes(style)) {
    throw new Error(`parameter "${spec.name}" in ${spec.in} has style ${style}; takes ${stylesOf[spec.in].join(', ')}`);
  }
  if (style === 'deepObject') return compileDeepObject(spec);
  return compileLayout(layoutOf(spec, style, explode, taken));
}

const stylesOf: Readonly<Record<ParameterSpec['in'], readonly ParameterStyle[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};

function layoutOf(spec: ParameterSpec, style: ParameterStyle, explode: boolean, taken: ReadonlySet<string>): Layout {
  const name = `${percentEncode(spec.name)}=`;
  const inPath = spec.allowReserved === true ? percentEncode : segmentText;
  switch (style) {
    case 'label': {
      const primitive: EncodeValue = (value) => `.${inPath(textOf(value))}`;
      const text = explode ? refusing('.', inPath) : inPath;
      return {
        primitive,
        before: '.',
        item: '',
        separator: explode ? '.' : ',',
        keySeparator: explode ? '=' : ',',
        text,
        key: text,
      };
    }
    case 'matrix': {
      // RFC 6570 section 3.2.7: an empty value has no equals sign.
      const primitive: EncodeValue = (value) => {
        const text = inPath(textOf(value));
        return text === '' ? `;${name.slice(0, -1)}` : `;${name}${text}`;
      };
      const shared = { primitive, text: inPath, key: inPath };
      return explode
        ? { ...shared, before: ';', item: name, separator: ';', keySeparator: '=' }
        : { ...shared, before: `;${name}`, item: '', separator: ',', keySeparator: ',' };
    }
    case 'simple': {
      const encode = spec.in === 'header' ? fieldValue : inPath;
      // Servers do not decode percent signs in a header, so a separator inside an item could not be told from one between items.
      const text = spec.in === 'header' ? refusing(',', explode ? refusing('=', fieldValue) : fieldValue) : inPath;
      const primitive: EncodeValue = (value) => encode(textOf(value));
      return { primitive, before: '', item: '', separator: ',', keySeparator: explode ? '=' : ',', text, key: text };
    }
    default: {
      const encode = spec.allowReserved === true && spec.in === 'query' ? percentEncodeLeavingReserved : percentEncode;
      const primitive: EncodeValue = (value) => name + encode(textOf(value));
      if (explode) {
        const separator = spec.in === 'cookie' ? '; ' : '&';
        return {
          primitive,
          before: '',
          item: name,
          separator,
          keySeparator: '=',
          text: encode,
          key: percentEncode,
          taken,
          // A cookie has no second name.
          ...(spec.in === 'cookie' ? undefined : { nested: nestedIn(percentEncode(spec.name), encode) }),
        };
      }
      // A raw comma of an item would read as a separator, so `allowReserved` ends here; a space or a bar has no second spelling at all.
      const [separator, text] = separatorsOf[style] ?? [',', percentEncode];
      return { primitive, before: name, item: '', separator, keySeparator: separator, text, key: text };
    }
  }
}

/** For a path: the whole segment is looked at where it is put together, so that only what looks like several segments is refused here. */
const segmentText: EncodeText = (text) => {
  const written = percentEncode(text);
  if (written !== text) refuseClimbing(text, false);
  return written;
};

function refusing(separator: string, encode: EncodeText): EncodeText {
  return (text) => {
    if (text.includes(separator))
      throw new EncodeError(`holds an item with "${separator}", which separates items here`);
    return encode(text);
  };
}

const separatorsOf: Readonly<Partial<Record<ParameterStyle, readonly [separator: string, text: EncodeText]>>> = {
  spaceDelimited: ['%20', refusing(' ', percentEncode)],
  pipeDelimited: ['%7C', refusing('|', percentEncode)],
};

function compileLayout(layout: Layout): EncodeValue {
  return (value) => {
    if (typeof value !== 'object' || value === null) return layout.primitive(value);
    return Array.isArray(value) ? writeList(layout, value) : writeObject(layout, value);
  };
}

function writeList(layout: Layout, values: readonly unknown[]): string {
  let written = '';
  let isFirst = true;
  for (const [index, value] of values.entries()) {
    // RFC 6570 section 2.3: an undefined member of a list is ignored.
    if (value === undefined || value === null) continue;
    const inner = typeof value === 'object' ? layout.nested?.item(index, value) : undefined;
    // An object without members: there is nothing to send.
    if (inner === '') continue;
    written += (isFirst ? layout.before : layout.separator) + (inner ?? layout.item + layout.text(textOf(value)));
    isFirst = false;
  }
  return written;
}

function writeObject(layout: Layout, value: object): string {
  let written = '';
  let isFirst = true;
  for (const [name, member] of membersOf(value)) {
    if (layout.taken !== undefined && isTaken(name, layout.taken))
      throw new EncodeError(`holds a member "${name}", which is another parameter`);
    const inner = typeof member === 'object' && member !== null ? layout.nested?.member(name, member) : undefined;
    if (inner === '') continue;
    const before = isFirst ? layout.before : layout.separator;
    written += before + (inner ?? layout.key(name) + layout.keySeparator + layout.text(textOf(member)));
    isFirst = false;
  }
  return written;
}

/** `filter[state]` is a member of the parameter `filter`, for servers that know deep objects. */
function isTaken(name: string, taken: ReadonlySet<string>): boolean {
  const bracket = name.indexOf('[');
  return taken.has(name) || (bracket > 0 && taken.has(name.slice(0, bracket)));
}

/**
 * The specification defines members of one object only. Objects and lists below it are written as everyone writes them
 * (`a[b][c]=`, `a[0]=`), and a value that is no object as `form` writes it: contracts declare `anyOf` of both.
 */
function compileDeepObject(spec: ParameterSpec): EncodeValue {
  const encode = spec.allowReserved === true ? percentEncodeLeavingReserved : percentEncode;
  const write = (before: string, value: unknown, depth: number): string => {
    if (typeof value !== 'object' || value === null) return `${before}=${encode(textOf(value))}`;
    if (depth > deepestObject) throw new EncodeError(`is deeper than ${deepestObject} objects`);
    const members = Array.isArray(value) ? value.entries() : membersOf(value);
    let written = '';
    for (const [name, member] of members) {
      if (member === undefined || member === null) continue;
      const key = String(name);
      if (key.includes('[') || key.includes(']')) throw new EncodeError(`holds a member "${key}" with a bracket`);
      const below = write(`${before}%5B${percentEncode(key)}%5D`, member, depth + 1);
      if (below !== '') written += written === '' ? below : `&${below}`;
    }
    return written;
  };
  const name = percentEncode(spec.name);
  return (value) => write(name, value, 1);
}

/** `content` instead of `schema`: the value is a document of its own, then text like any other. */
function compileContent(spec: ParameterSpec, media: string): EncodeValue {
  const isJson = mediaKind(media) === 'json';
  const documentOf = (value: unknown): string => (isJson ? jsonOf(value) : textOf(value));
  if (spec.in === 'header') return (value) => fieldValue(isJson ? asciiJson(jsonOf(value)) : textOf(value));
  // JSON text is quoted: the segment that it makes is looked at where it is put together.
  if (spec.in === 'path') return (value) => percentEncode(documentOf(value));
  const name = `${percentEncode(spec.name)}=`;
  return (value) => name + percentEncode(documentOf(value));
}
