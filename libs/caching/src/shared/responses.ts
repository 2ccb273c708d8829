import type { ResponseFields, Success } from '@frontage/core';
import type { Mark } from '../invalidation/marks.js';

/** The value alone, or a map of value, headers and groups; a value that is a map stands in such a map too, so that both are told apart. */
export function recordOf({ value, headers }: Success<unknown>, groups: readonly Mark[]): unknown {
  if (headers === undefined && groups.length === 0 && !(value instanceof Map)) return value;
  const record = new Map<string, unknown>([['value', value]]);
  if (headers !== undefined) record.set('headers', headers);
  return groups.length === 0 ? record : record.set('groups', groups);
}

export function successOf(record: unknown): Success<unknown> {
  if (!(record instanceof Map)) return { ok: true, value: record };
  const headers = record.get('headers') as ResponseFields | undefined;
  return { ok: true, value: record.get('value'), ...(headers !== undefined && { headers }) };
}

/** The groups of the response in a record. */
export const groupsOf = (record: unknown): readonly Mark[] =>
  record instanceof Map ? ((record.get('groups') as readonly Mark[] | undefined) ?? []) : [];
