/** The weight of a call for its page: the page fails without a `required` one, and lacks a part without an `optional` one. */
export type CallNeed = 'write' | 'required' | 'optional';

/** Tiers of callers; 0 is that of all who have none. */
export const maxTier = 7;

const weights: Readonly<Record<CallNeed, number>> = { optional: 0, required: 1, write: 2 };

/** Ranks are bits of a number. */
export const maxRank = 23;

/**
 * The place of a call in a queue: first its need, then the tier of its caller.
 * @param tier 0 to 7, higher first
 * @returns 0 to 23, higher first
 */
export const rankOf = (need: CallNeed, tier: number): number =>
  weights[need] * (maxTier + 1) + Math.min(maxTier, Math.max(0, tier));

/** Tells that a page fails without the calls of this rank. */
export const isNeeded = (rank: number): boolean => rank >= rankOf('required', 0);
