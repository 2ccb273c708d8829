import { STATUS_CODES } from 'node:http';
import type { HttpException } from '@nestjs/common';
import { redact, table, type ErrorCode, type Problem } from '@frontage/core';
import { fieldErrorsIn, issuesOf, pointerTo } from './field-errors.js';
import { isError, isRecord, jsonCopy } from './member-copy.js';

/** The code of an exception of a handler, by its status. */
const codesByStatus: Readonly<Record<number, ErrorCode>> = table({
  400: 'GW_BAD_REQUEST',
  401: 'GW_UNAUTHENTICATED',
  402: 'GW_PAYMENT_REQUIRED',
  403: 'GW_FORBIDDEN',
  404: 'GW_NOT_FOUND', // the route is there, the resource is not
  405: 'GW_METHOD_NOT_ALLOWED',
  406: 'GW_NOT_ACCEPTABLE',
  408: 'GW_REQUEST_TIMEOUT',
  409: 'GW_CONFLICT',
  410: 'GW_GONE',
  412: 'GW_PRECONDITION_FAILED',
  413: 'GW_PAYLOAD_TOO_LARGE',
  415: 'GW_UNSUPPORTED_MEDIA_TYPE',
  422: 'GW_UNPROCESSABLE_CONTENT',
  429: 'GW_RATE_LIMITED',
  431: 'GW_HEADERS_TOO_LARGE',
  500: 'GW_INTERNAL',
  501: 'GW_NOT_IMPLEMENTED',
  502: 'GW_UPSTREAM_FAILED',
  503: 'GW_UNAVAILABLE',
  504: 'GW_UPSTREAM_TIMEOUT',
});

/** The code of a status; one without a code of its own (418, 423) has `GW_STATUS_418`. */
export const codeOfStatus = (status: number): string => codesByStatus[status] ?? `GW_STATUS_${status}`;

/** Characters of a text that an author wrote for the client. */
const maxTextLength = 4_000;

/** Reason phrases, and the descriptions that Nest writes by itself: they say no more than the status. */
const reasonPhrases: ReadonlySet<string> = new Set(
  Object.values(STATUS_CODES).map((phrase) => (phrase ?? '').toLowerCase()),
);

/** Members of an exception's response that have another place in a problem, or that a client never gets. */
const placedElsewhere: ReadonlySet<string> = new Set([
  'statusCode',
  'status',
  'error',
  'type',
  'title',
  'detail',
  'code',
  'errors',
  'requestId',
  'part',
  'writes',
  'cause',
  'stack',
]);

/**
 * The problem of an exception that a hand-written handler throws: its author wrote status, text and members for the client. An error that
 * was given instead of a text is for the log alone.
 */
export function exceptionProblem(exception: HttpException, status: number): Problem {
  const response = responseOf(exception);
  const base = { status, code: codeOfStatus(status) };
  const issues = issuesOf(response);
  if (issues !== undefined)
    return { ...base, errors: issues.map(({ path, message }) => ({ pointer: pointerTo(path), message })) };
  if (isError(response)) return base;
  if (typeof response === 'string') return { ...base, ...textMember(response, status) };
  const copy = jsonCopy(response);
  // Members that are no JSON, or are too large: the text alone is left.
  if (copy === undefined) return { ...base, ...textMember(exception.message, status) };
  if (Array.isArray(copy)) return { ...base, ...listMember('errors', copy) };
  return { ...base, ...(isRecord(copy) ? ofBody(copy, status) : textMember(copy, status)) };
}

/** A subclass may compute its response, and fail. */
function responseOf(exception: HttpException): unknown {
  try {
    return exception.getResponse();
  } catch {
    return undefined;
  }
}

function ofBody(body: Readonly<Record<string, unknown>>, status: number): Partial<Problem> {
  const { message, detail, title, error, code, type, errors } = body;
  const own = Object.entries(body).filter(([name]) => name !== 'message' && !placedElsewhere.has(name));
  const list = errors === undefined ? {} : listMember('errors', errors);
  const messages = Array.isArray(message) ? listMember('message', message) : {};
  const heading = [title, error].find((text) => typeof text === 'string' && !reasonPhrases.has(text.toLowerCase()));
  const members = { ...Object.fromEntries(own), ...messages.members, ...list.members };
  const found = [...(list.errors ?? []), ...(messages.errors ?? [])];
  return {
    ...(typeof code === 'string' || typeof code === 'number' ? codeMember(String(code)) : {}),
    ...(typeof type === 'string' && type !== '' && { type }),
    ...(typeof heading === 'string' && { title: shortened(heading, status) }),
    ...textMember(typeof detail === 'string' ? detail : message, status),
    ...(found.length > 0 && { errors: found }),
    ...(Object.keys(members).length > 0 && { members }),
  };
}

/** A code of the author's own replaces ours; codes that begin with GW_ say what the table says. */
const codeMember = (code: string): Partial<Problem> =>
  /^[\w.:/-]{1,100}$/.test(code) && !/^gw_/i.test(code) ? { code } : {};

/** A list of wrong fields is `errors`; any other list keeps its name. */
function listMember(name: 'errors' | 'message', list: unknown): Pick<Problem, 'errors' | 'members'> {
  const errors = fieldErrorsIn(list);
  return errors === undefined ? { members: { [name]: list } } : { errors };
}

function textMember(text: unknown, status: number): Partial<Problem> {
  const said = typeof text === 'number' ? String(text) : text;
  return typeof said === 'string' && said !== '' ? { detail: shortened(said, status) } : {};
}

/** A text of a server error is often made of another one: what looks like a secret is taken out of it. */
const shortened = (text: string, status: number): string =>
  status >= 500
    ? redact(text, maxTextLength)
    : text.length > maxTextLength
      ? `${text.slice(0, maxTextLength)}...`
      : text;
