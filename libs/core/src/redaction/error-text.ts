import { describeError, type DescribedError } from './describe-error.js';
import { redact } from './redact.js';

/** Says what was thrown, for standard error: the stack where there is one, and the causes; bounded, and without secrets. */
export function errorText(thrown: unknown): string {
  return textOf(describeError(thrown));
}

function textOf({ type, message, stack, cause }: DescribedError): string {
  const text = stack === undefined || stack === '' ? named(type, message) : stack;
  return cause === undefined ? text : `${text}\ncaused by ${textOf(cause)}`;
}

/** A thrown text or number says itself. */
const named = (type: string, message: string): string =>
  /^(?:string|number|bigint|boolean|symbol|undefined|null)$/.test(type) ? message : `${type}: ${message}`;

/** A line of a policy file that a configuration error quotes, or the carets below it: without secrets already, and read by a person. */
const quotedLines = /^( +\d* \| .*)$/m;
const maxLength = 100_000;

/** The output of a process before its end, without secrets. */
export function saidText(text: string): string {
  return text
    .slice(0, maxLength)
    .split(quotedLines)
    .map((piece, at) => (at % 2 === 1 ? piece : redact(piece, maxLength)))
    .join('');
}
