import type { ResponseFields, Success } from '@frontage/core';

/** The value alone, or a map of value and headers; a value that is a map stands in such a map too, so that both are told apart. */
export function recordOf({ value, headers }: Success<unknown>): unknown {
  if (headers === undefined && !(value instanceof Map)) return value;
  const record = new Map<string, unknown>([['value', value]]);
  return headers === undefined ? record : record.set('headers', headers);
}

export function successOf(record: unknown): Success<unknown> {
  if (!(record instanceof Map)) return { ok: true, value: record };
  const headers = record.get('headers') as ResponseFields | undefined;
  return { ok: true, value: record.get('value'), ...(headers !== undefined && { headers }) };
}
