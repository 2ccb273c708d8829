import type { WritesReport } from '@frontage/core';

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
