import { STATUS_CODES } from 'node:http';
import type { OperationDescription } from '@frontage/contracts';
import { errorCodes, type MissingStatus } from '@frontage/core';
import { isSchemaObject, listOf } from '../codegen/schema-objects.js';
import type { MockState } from './runtime/mocks.js';

/** That of the examples in documents. */
const requestId = '0d9c1f6e-5b7a-4c1e-9f64-2a8b3c7d5e10';

/** The problem of a required part, by the reason why it is missing. */
const codeOfReason: Readonly<Partial<Record<MissingStatus, keyof typeof errorCodes>>> = {
  timeout: 'GW_UPSTREAM_TIMEOUT',
  error: 'GW_UPSTREAM_FAILED',
  bad_payload: 'GW_UPSTREAM_BAD_PAYLOAD',
  open_circuit: 'GW_UPSTREAM_OPEN_CIRCUIT',
  shed: 'GW_OVERLOADED',
  credentials: 'GW_UPSTREAM_CREDENTIALS',
  forbidden: 'GW_UPSTREAM_REFUSED',
  not_found: 'GW_NOT_FOUND',
};

interface ListedProblem {
  readonly status: number;
  readonly codes: readonly string[];
  readonly parts: readonly string[];
}

/** The problems that the document lists for an operation. */
function listedProblems({ responses }: OperationDescription): readonly ListedProblem[] {
  return responses.flatMap(({ status, media }) => {
    const schema = media.find((one) => one.media.startsWith('application/problem+json'))?.schema;
    const properties = isSchemaObject(schema) && isSchemaObject(schema.properties) ? schema.properties : {};
    const textsOf = (name: string): readonly string[] => {
      const member = properties[name];
      return isSchemaObject(member) ? listOf(member['enum']).filter((one) => typeof one === 'string') : [];
    };
    const codes = textsOf('code');
    return codes.length === 0 ? [] : [{ status: Number(status), codes, parts: textsOf('part') }];
  });
}

/** The problems of an operation by their scenarios: `profile=timeout` for a part that it needs, and each code alone. */
export function problemStates(operation: OperationDescription): ReadonlyMap<string, MockState> {
  const states = new Map<string, MockState>();
  const listed = listedProblems(operation);
  for (const [reason, code] of Object.entries(codeOfReason)) {
    for (const { status, codes, parts } of listed) {
      if (!codes.includes(code)) continue;
      const isPutOff = reason === 'open_circuit' || reason === 'shed';
      for (const part of parts) states.set(`${part}=${reason}`, problemState(status, code, { part, isPutOff }));
    }
  }
  for (const { status, codes } of listed) {
    for (const code of codes)
      states.set(code, problemState(status, code, { isPutOff: status === 429 || status === 503 }));
  }
  return states;
}

function problemState(
  status: number,
  code: string,
  { part, isPutOff }: { readonly part?: string; readonly isPutOff: boolean },
): MockState {
  const kind = isErrorCode(code) ? errorCodes[code] : undefined;
  return {
    status,
    ...(isPutOff && { headers: { 'retry-after': '1' } }),
    body: {
      type: kind !== undefined && 'type' in kind ? kind.type : `urn:frontage:problem:${code}`,
      title: kind?.title ?? STATUS_CODES[status] ?? 'Problem',
      status,
      code,
      requestId,
      ...(part !== undefined && { part }),
    },
  };
}

const isErrorCode = (code: string): code is keyof typeof errorCodes => Object.hasOwn(errorCodes, code);

/** A problem as the BFF sent it, with the id of the examples. */
export const withoutRequestId = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'requestId' in body ? { ...body, requestId } : body;
