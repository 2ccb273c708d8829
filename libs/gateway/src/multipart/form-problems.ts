import type { FormMember } from '@frontage/aggregation';
import { ProblemError, type ErrorCode } from '@frontage/core';

/** A mistake of a form, at one of its members or at the whole. */
export function formProblem(code: ErrorCode, member: string | undefined, message: string): ProblemError {
  const key = member === undefined ? '' : `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return new ProblemError(code, { errors: [{ pointer: `/body${key}`, message }] });
}

/** A problem of the text of one part, with the member in its pointers. */
export function withinMember(error: unknown, member: string): ProblemError {
  if (!(error instanceof ProblemError)) throw error;
  const key = member.replaceAll('~', '~0').replaceAll('/', '~1');
  const errors = error.options.errors?.map(({ pointer, message }) => ({
    pointer: `/body/${key}${pointer.replace(/^\/body/, '')}`,
    message,
  }));
  return new ProblemError(error.code, { ...error.options, ...(errors !== undefined && { errors }) });
}

/** The bytes of a form ended too early. */
export const cutOff = formProblem('GW_BAD_REQUEST', undefined, 'The form ends before its last boundary.');

/** The bytes of a part stand in it as they are (RFC 7578 section 4.7). */
export const plainEncodings: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary']);

/** The kinds that a part may have, in words. */
export const typesText = ({ types, isJson }: FormMember): string =>
  types.length > 0 ? types.join(', ') : isJson ? 'application/json' : 'text/plain';

export const tooMany = ({ isList, atMost }: FormMember): string =>
  isList ? `The form may have at most ${atMost} parts of this name.` : 'A part of this name stands there already.';

export const tooFew = ({ isList, atLeast }: FormMember): string =>
  isList ? `The form must have at least ${atLeast} parts of this name.` : 'The member is missing.';
