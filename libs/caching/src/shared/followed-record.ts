import type { ResponseFields, Success } from '@frontage/core';
import type { Fields, ResponseHead } from '../http/fields.js';
import type { Selected } from '../http/vary.js';

/** A response with its head, and the values that were sent of the headers in its `Vary`. */
export interface FollowedResponse {
  readonly response: Success<unknown>;
  readonly head: ResponseHead;
  readonly selected: Selected;
}

/** @param epoch the wall time at which the monotonic clock of this process was 0 */
export function followedRecord({ response, head, selected }: FollowedResponse, epoch: number): unknown {
  const { status, fields, requestedAt, receivedAt, wallTime } = head;
  const record = new Map<string, unknown>([['value', response.value]]);
  if (response.headers !== undefined) record.set('headers', response.headers);
  return record
    .set('status', status)
    .set('fields', fields)
    .set('times', [requestedAt + epoch, receivedAt + epoch, wallTime])
    .set('selected', selected);
}

/**
 * Only a process of this version writes such records, so that each has this form.
 * @returns undefined for the record of an operation with another rule
 */
export function readFollowed(record: unknown, epoch: number): FollowedResponse | undefined {
  if (!(record instanceof Map) || !record.has('times')) return undefined;
  const headers = record.get('headers') as ResponseFields | undefined;
  const [requested, received, wallTime] = record.get('times') as readonly [number, number, number];
  return {
    response: { ok: true, value: record.get('value'), ...(headers !== undefined && { headers }) },
    head: {
      status: record.get('status') as number,
      fields: record.get('fields') as Fields,
      requestedAt: requested - epoch,
      receivedAt: received - epoch,
      wallTime,
    },
    selected: record.get('selected') as Selected,
  };
}
