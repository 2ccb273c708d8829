import type { ReuseCounts } from '@frontage/core';
import { transcoderCounts } from '@frontage/transcoder';

/**
 * What copying did since the process began, by name: `copied` answers and those that had to be parsed after all, `last_bytes` that came
 * again, and `key_order` that was as in the objects before. Read on scrape.
 */
export const projectionCounts: Readonly<Record<'projected' | 'last_bytes' | 'key_order', () => ReuseCounts>> = {
  projected: () => ({ hit: transcoderCounts.projected, miss: 0, parsed: transcoderCounts.leftToParser }),
  last_bytes: () => ({ hit: transcoderCounts.repeated, miss: transcoderCounts.differing }),
  key_order: () => ({ hit: transcoderCounts.foreseen, miss: transcoderCounts.unforeseen }),
};
