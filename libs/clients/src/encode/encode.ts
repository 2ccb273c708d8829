import {
  ownedHeaders,
  type CallArgs,
  type OperationInfo,
  type ParameterPlace,
  type ParameterSpec,
} from '@frontage/core';
import { compileBody, type EncodeBody } from './encode-body.js';
import { withRest } from './encode-query.js';
import { compileStyle } from './encode-style.js';
import { exactParameter } from './exact-integers.js';
import { EncodeError, inParameter, percentEncode } from './encode-value.js';
import { refuseClimbing } from './path-climbing.js';

/**
 * The encoding of one operation, decided at boot. Only what the contract declares is ever read from the arguments, and a value is always
 * exactly one value upstream: it can neither leave its segment nor begin another parameter.
 */
export interface Encoder {
  /** Path and query, from the slash on. @throws EncodeError */
  readonly target: (args: CallArgs) => string;
  /** Adds declared header and cookie parameters as name, value, name, value; absent where there are none. @throws EncodeError */
  readonly headers: ((args: CallArgs, into: string[]) => void) | undefined;
  /** Absent where the operation takes no body. */
  readonly body: EncodeBody | undefined;
}

/** Names by place. */
export type TakenNames = Readonly<Record<'header' | 'query' | 'cookie', ReadonlySet<string>>>;

type Group = Readonly<Record<string, unknown>> | undefined;

interface Parameter {
  readonly name: string;
  /** Of a path: the contract lets its value hold `.` and `..` between slashes (`allowReserved`, OpenAPI 3.2). */
  readonly mayHoldDots: boolean;
  readonly write: (group: Group) => string;
}

/**
 * @param secret headers that no argument may set, because policy does; in lower case
 * @param taken names of secrets, which no argument may set either; those of headers in lower case
 * @throws Error at boot for an operation that cannot be written: an undeclared path parameter, a style that its place does not have
 */
export function compileEncoder(operation: OperationInfo, secret: readonly string[] = [], taken?: TakenNames): Encoder {
  try {
    const isFree = ({ in: place, name }: ParameterSpec): boolean =>
      place === 'path' || taken?.[place].has(place === 'header' ? name.toLowerCase() : name) !== true;
    const free = { ...operation, parameters: operation.parameters?.filter(isFree) ?? [] };
    const fixed = fixedQuery(operation.path);
    const query = parametersIn('query', free, namesIn(fixed));
    const headers = parametersIn('header', free).filter(
      ({ name }) => !ownedHeaders.has(name.toLowerCase()) && !secret.includes(name.toLowerCase()),
    );
    return {
      target: withRest(compileTarget(compilePath(operation), fixed, query), operation, taken?.query),
      headers: compileHeaders(headers, parametersIn('cookie', free)),
      body: operation.body === undefined ? undefined : compileBody(operation.body, operation.contract.schemas),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${operation.contract.upstream}.${operation.id}: ${reason}`, { cause: error });
  }
}

/** @param alreadyTaken names that stand in the same place without being a parameter */
function parametersIn(
  place: ParameterPlace,
  operation: OperationInfo,
  alreadyTaken: readonly string[] = [],
): Parameter[] {
  const specs = (operation.parameters ?? []).filter((spec) => spec.in === place);
  return specs.map((spec) => {
    const others = new Set([...alreadyTaken, ...specs.filter((other) => other !== spec).map((other) => other.name)]);
    return {
      name: spec.name,
      mayHoldDots: spec.allowReserved === true,
      write: compileParameter(spec, exactParameter(spec, compileStyle(spec, others))),
    };
  });
}

function compileParameter(spec: ParameterSpec, encode: (value: unknown) => string): (group: Group) => string {
  const { name } = spec;
  const isRequired = spec.required === true || spec.in === 'path';
  const place = `${spec.in} parameter "${name}"`;
  // A parameter named like a method of every object must not find that method where the argument is absent.
  const read: (group: Group) => unknown =
    name in Object.prototype
      ? (group) => (group !== undefined && Object.hasOwn(group, name) ? group[name] : undefined)
      : (group) => (group === undefined ? undefined : group[name]);
  return (group) => {
    const value = read(group);
    if (value === undefined || value === null) {
      if (isRequired) throw new EncodeError(`${place} is missing`);
      return '';
    }
    const written = inParameter(place, () => encode(value));
    // A list without items; an empty text in a header or a path is a value.
    if (written !== '' || !Array.isArray(value) || !isRequired) return written;
    if (spec.emptyList === 'name') return `${percentEncode(name)}=`;
    if (spec.emptyList === 'nothing') return '';
    throw new EncodeError(`${place} is an empty list, which the contract does not allow`);
  };
}

type WritePath = (group: Group) => string;

/** @param fixed query that the path of the contract holds, with its question mark; mostly empty */
function compileTarget(
  path: string | WritePath,
  fixed: string,
  query: readonly Parameter[],
): (args: CallArgs) => string {
  const writePath: (args: CallArgs) => string =
    typeof path === 'string' ? () => path + fixed : (args) => path(args.path) + fixed;
  if (query.length === 0) return writePath;
  return (args) => {
    let target = writePath(args);
    let separator = fixed === '' ? '?' : '&';
    for (const parameter of query) {
      const written = parameter.write(args.query);
      if (written === '') continue;
      target += separator + written;
      separator = '&';
    }
    return target;
  };
}

// RFC 3986 section 3.3: what is no pchar. The template is the contract's own text, so what may stand there stands as it is.
const notPathText = /[^A-Za-z0-9\-._~!$&'()*+,;=:@%]/gu;

/**
 * The end of the path of a contract: some contracts add text behind it to distinguish operations of one path, which OpenAPI does not allow.
 * A query there is sent (`/rpc?action=list`), a fragment never is.
 */
function pathEnd(path: string): number {
  const end = path.search(/[?#]/);
  return end === -1 ? path.length : end;
}

function fixedQuery(path: string): string {
  const query = path.slice(pathEnd(path)).replace(/#.*$/s, '');
  if (query.includes('{')) throw new Error(`path "${path}" has a parameter in its query; declare it in query`);
  return query.replace(notQueryText, encodeURIComponent);
}

const namesIn = (query: string): string[] => [...new URLSearchParams(query).keys()];

/** RFC 3986 section 3.4. */
const notQueryText = /[^A-Za-z0-9\-._~!$&'()*+,;=:@%/?]/gu;

/** A piece of a segment: text of the template, or a parameter in it. */
type Piece = string | Parameter;

/** The whole path where it has no parameters; else a function that writes it segment by segment. */
function compilePath(operation: OperationInfo): string | WritePath {
  const { path } = operation;
  if (!path.startsWith('/')) throw new Error(`path "${path}" does not begin with a slash`);
  const parameters = new Map(parametersIn('path', operation).map((parameter) => [parameter.name, parameter]));
  // Alternates between text and segments with parameters: what is static is joined now.
  const parts: (string | WritePath)[] = [];
  let text = '';
  for (const segment of path.slice(1, pathEnd(path)).split('/')) {
    text += '/';
    const pieces = piecesOf(segment, parameters, path);
    if (pieces.every((piece) => typeof piece === 'string')) {
      text += pieces.join('');
      continue;
    }
    parts.push(text, compileSegment(pieces));
    text = '';
  }
  if (parts.length === 0) return text;
  const tail = text;
  const [head, write] = parts;
  if (parts.length === 2 && typeof head === 'string' && typeof write === 'function') {
    return (group) => head + write(group) + tail;
  }
  return (group) => {
    let written = '';
    for (const part of parts) written += typeof part === 'string' ? part : part(group);
    return written + tail;
  };
}

function piecesOf(segment: string, parameters: ReadonlyMap<string, Parameter>, path: string): Piece[] {
  const pieces: Piece[] = [];
  for (const [index, text] of segment.split(/[{}]/).entries()) {
    if (index % 2 === 0) {
      if (text !== '') pieces.push(text.replace(notPathText, encodeURIComponent));
      continue;
    }
    const parameter = parameters.get(text);
    if (parameter === undefined)
      throw new Error(`path "${path}" has {${text}}, but the operation declares no such path parameter`);
    pieces.push(parameter);
  }
  return pieces;
}

function compileSegment(pieces: readonly Piece[]): WritePath {
  const [only] = pieces;
  const mayHoldDots = pieces.every((piece) => typeof piece === 'string' || piece.mayHoldDots);
  if (pieces.length === 1 && only !== undefined && typeof only !== 'string') {
    return (group) => ownSegment(only.write(group), only.name, mayHoldDots);
  }
  const name = pieces.map((piece) => (typeof piece === 'string' ? piece : `{${piece.name}}`)).join('');
  return (group) => {
    let written = '';
    for (const piece of pieces) written += typeof piece === 'string' ? piece : piece.write(group);
    return ownSegment(written, name, mayHoldDots);
  };
}

/**
 * Refuses a segment that would not be a segment: `..` and `.` climb, an empty one vanishes. Percent-encoding does not help against it:
 * servers and proxies that normalise (RFC 3986 section 6.2.2, WHATWG URL) read `%2E%2E` as `..`, and would reach another operation.
 */
function ownSegment(written: string, name: string, mayHoldDots: boolean): string {
  if (written.length < 3 && (written === '' || written === '.' || written === '..')) {
    throw new EncodeError(`path parameter "${name}" is "${written}", which is no segment of a path`);
  }
  // Only what holds one of them can be read as anything but itself.
  if (!mayHoldDots && (written.includes('%') || written.includes(';'))) {
    inParameter(`path parameter "${name}"`, () => refuseClimbing(written, true));
  }
  return written;
}

function compileHeaders(
  headers: readonly Parameter[],
  cookies: readonly Parameter[],
): ((args: CallArgs, into: string[]) => void) | undefined {
  if (headers.length === 0 && cookies.length === 0) return undefined;
  return (args, into) => {
    for (const header of headers) {
      const written = header.write(args.header);
      // An empty list is left out; an empty text is a value, and a field may be empty (RFC 9110 section 5.5).
      if (written !== '' || args.header?.[header.name] === '') into.push(header.name, written);
    }
    let cookie = '';
    for (const parameter of cookies) {
      const written = parameter.write(args.cookie);
      if (written !== '') cookie += cookie === '' ? written : `; ${written}`;
    }
    if (cookie !== '') into.push('cookie', cookie);
  };
}
