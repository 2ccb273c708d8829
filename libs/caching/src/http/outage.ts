import type { Failure, MissingStatus } from '@frontage/core';

const outages: ReadonlySet<MissingStatus> = new Set<MissingStatus>(['timeout', 'error', 'open_circuit', 'shed']);

/** The upstream gave no response, or one of the statuses of RFC 5861 section 4: its refusals (4xx) are responses. */
export const isOutage = ({ status, upstreamStatus }: Failure): boolean =>
  upstreamStatus === undefined ? outages.has(status) : upstreamStatus >= 500;

/** Responses that say nothing about the resource itself. */
const saysNothing: ReadonlySet<number> = new Set([408, 429]);

/** True for the status of a response that ends the use of those before it, though it is not stored itself. */
export const endsOlder = (status: number): boolean => status < 500 && !saysNothing.has(status);
