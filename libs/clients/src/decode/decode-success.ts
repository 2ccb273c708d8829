import { isSafe, type OperationInfo, type Outcome, type ResponseSpec } from '@frontage/core';
import { badPayload, madeWithoutValue } from '../failures/failures.js';
import type { Body } from './decode-json.js';
import { compileReaders, hasMedia, type MediaSpec, type Reader } from './decode-media.js';
import { emptyValue } from './empty-value.js';
import { strict } from './lenience.js';
import type { DecodeOptions, ResponseDecoder } from './response-decoder.js';

const nothing: Outcome<undefined> = Object.freeze({ ok: true, value: undefined });
const withoutBody: ResponseDecoder = { wantsBody: false, decode: () => nothing };

/** RFC 9110 sections 15.3.5 and 15.3.6 hold against a contract that declares a body. */
const neverHasContent = (status: number): boolean => status === 204 || status === 205;

const isSuccess = ({ status }: ResponseSpec): boolean => status.startsWith('2');
const isDefault = ({ status }: ResponseSpec): boolean => status === 'default';

export function successDecoder(
  operation: OperationInfo,
  expected: number,
  specs: readonly ResponseSpec[],
  options: DecodeOptions,
): ResponseDecoder {
  const { responses, method } = operation;
  const declaresSuccess = responses.some(isSuccess);
  // Many contracts declare the errors of a change alone, or no response: then any success is one, of which nothing can be said.
  if (!declaresSuccess && !responses.some(isDefault)) return withoutBody;
  // `default` describes the success only where nothing else does.
  const isDeclared = specs.some(isSuccess) || (specs.length > 0 && !declaresSuccess);
  if (!isDeclared) return undeclaredDecoder(operation, expected, options);
  const media = specs.filter(hasMedia);
  if (media.length === 0 || method === 'HEAD') return withoutBody;
  return neverHasContent(expected) ? emptyDecoder(operation, media) : bodyDecoder(operation, media, options);
}

/** A success with a status that the contract does not declare: read like the declared success where policy accepts that. */
function undeclaredDecoder(operation: OperationInfo, expected: number, options: DecodeOptions): ResponseDecoder {
  const { lenience = strict } = options;
  const media = operation.responses.filter(isSuccess).filter(hasMedia);
  const isEmpty = neverHasContent(expected) && media.length > 0 && operation.method !== 'HEAD';
  const kind = isEmpty ? 'empty' : 'status';
  if (!lenience.accepts(kind)) {
    const failure = madeWithoutValue(
      `status ${expected} is not declared (policy can accept it: lenient: [${kind}])`,
      expected,
    );
    return { wantsBody: false, decode: () => failure };
  }
  const decoder = isEmpty
    ? emptyDecoder(operation, media)
    : media.length === 0 || operation.method === 'HEAD'
      ? withoutBody
      : bodyDecoder(operation, media, options);
  return {
    ...decoder,
    decode(status, headers, bytes) {
      const outcome = decoder.decode(status, headers, bytes);
      if (outcome.ok) lenience.count(kind);
      return outcome;
    },
  };
}

function emptyDecoder(operation: OperationInfo, media: readonly MediaSpec[]): ResponseDecoder {
  const empty = emptyOutcome(operation, media);
  return { wantsBody: false, decode: empty };
}

/** The outcome of a success without content, where the contract declares content. */
function emptyOutcome(operation: OperationInfo, media: readonly MediaSpec[]): (status: number) => Outcome<unknown> {
  // Callers are prepared for no value where another success has none.
  if (operation.responses.some((response) => isSuccess(response) && !hasMedia(response))) return () => nothing;
  const make = emptyValue(operation, media);
  // A change was made all the same.
  if (make === undefined && isSafe(operation))
    return (status) => badPayload('has no content, where the contract has a value that cannot be empty', status);
  return () => ({ ok: true, value: make?.() });
}

function bodyDecoder(
  operation: OperationInfo,
  media: readonly (ResponseSpec & MediaSpec)[],
  options: DecodeOptions,
): ResponseDecoder {
  const { lenience = strict } = options;
  const { find, all } = compileReaders(media, options);
  const empty = emptyOutcome(operation, media);
  const [first] = all;
  return {
    wantsBody: true,
    decode(status, headers, bytes) {
      const reader = find(headers['content-type']);
      const body = typeof reader === 'string' ? reader : reader.read(bytes);
      if (typeof body !== 'string') return body;
      if (isBlank(bytes)) {
        if (!lenience.accepts('empty'))
          return madeWithoutValue('is empty (policy can accept it: lenient: [empty])', status);
        lenience.count('empty');
        return empty(status);
      }
      if (typeof reader !== 'string') return badPayload(body, status);
      const anyway = readAnyway(all, bytes);
      if (typeof anyway === 'string') return badPayload(`${body}, and the body ${anyway}`, status);
      if (!lenience.accepts('contentType'))
        return badPayload(`${body} (policy can accept it: lenient: [contentType])`, status);
      lenience.count('contentType');
      return anyway;
    },
    kindOf(headers) {
      const reader = find(headers['content-type']);
      const kind = headers['content-length'] === '0' ? 'empty' : 'contentType';
      if (typeof reader !== 'string' || first === undefined || !lenience.accepts(kind)) return reader;
      lenience.count(kind);
      return first;
    },
  };
}

/** The first declared form that the bytes have, or what is wrong with them. */
function readAnyway(readers: readonly Reader[], bytes: Buffer): Body | string {
  let wrong = '';
  for (const { read } of readers) {
    const body = read(bytes);
    if (typeof body !== 'string') return body;
    wrong ||= body;
  }
  return wrong;
}

/** Some servers end an empty body with a line break. */
function isBlank(bytes: Buffer): boolean {
  return bytes.length === 0 || (bytes.length <= 16 && bytes.toString('latin1').trim() === '');
}
