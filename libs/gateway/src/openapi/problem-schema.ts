import { errorCodes, type ProblemDetails, type WritesReport } from '@frontage/core';
import { problemDetails } from '../exchange/problem-response.js';

type Json = Readonly<Record<string, unknown>>;

const fates = {
  done: 'Made, and not taken back.',
  undone: 'Made, and taken back.',
  refused: 'Not made: the service said so.',
  unknown: 'Sent, and no response says whether they were made.',
  notSent: 'Not made: nothing of them reached a service.',
} satisfies Record<keyof WritesReport, string>;

export const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457.',
  required: ['type', 'title', 'status', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string' },
    code: { type: 'string', description: 'What programs go by; it does not change.' },
    requestId: { type: 'string' },
    part: { type: 'string', description: 'The part of the screen that could not be had.' },
    errors: {
      type: 'array',
      description: 'Every wrong field of the input.',
      items: {
        type: 'object',
        required: ['pointer', 'message'],
        properties: {
          pointer: { type: 'string', description: 'JSON Pointer (RFC 6901): `/query/limit`, `/body/items/0/name`.' },
          message: { type: 'string' },
        },
      },
    },
    writes: {
      type: 'object',
      description:
        'What became of the changes that the request asked for, by part; one of several of a part by its index: `lines[2]`.',
      required: Object.keys(fates),
      properties: Object.fromEntries(
        Object.entries(fates).map(([name, description]) => [
          name,
          { type: 'array', description, items: { type: 'string' } },
        ]),
      ),
    },
  },
};

/**
 * A problem of one of these codes, as clients get it. A code of the endpoint comes before those of the gateway, and the code for wrong fields
 * before others.
 */
export function problemExample(status: number, codes: readonly string[], parts: readonly string[]): ProblemDetails {
  const own = codes.find((code) => !Object.hasOwn(errorCodes, code));
  const invalid = codes.find((code) => code === 'GW_INVALID_INPUT');
  const code = own ?? invalid ?? codes[0] ?? 'GW_INTERNAL';
  const isOfPart = own === undefined && invalid === undefined;
  const [part] = parts;
  return problemDetails(
    {
      status,
      code,
      ...(code === invalid && { errors: [{ pointer: '/query/limit', message: 'Invalid input: expected number' }] }),
      ...(isOfPart && part !== undefined && { part }),
    },
    '0d9c1f6e-5b7a-4c1e-9f64-2a8b3c7d5e10',
  );
}
