import type { Failure, MissingStatus } from '@frontage/core';

/** The upstream gave no response, or one of the statuses of RFC 5861 section 4: its refusals (4xx) are responses. */
export const isOutage = ({ status, upstreamStatus }: Failure): boolean =>
  upstreamStatus === undefined ? outages.has(status) : upstreamStatus >= 500;

const outages: ReadonlySet<MissingStatus> = new Set<MissingStatus>(['timeout', 'error', 'open_circuit', 'shed']);
