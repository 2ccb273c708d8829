import type { ReuseCounts } from '@frontage/core';
import { transcoderCounts } from '@frontage/transcoder';

/**
 * Counts of projections since the process began, by name: `projected` responses and those that fell back to parsing, `last_bytes` that were
 * the same again, and `key_order` that was the same as in the objects before. Read on scrape.
 */
export const projectionCounts: Readonly<Record<'projected' | 'last_bytes' | 'key_order', () => ReuseCounts>> = {
  projected: () => ({ hit: transcoderCounts.projected, miss: 0, parsed: transcoderCounts.leftToParser }),
  last_bytes: () => ({ hit: transcoderCounts.repeated, miss: transcoderCounts.differing }),
  key_order: () => ({ hit: transcoderCounts.foreseen, miss: transcoderCounts.unforeseen }),
};
