import { channels, type LenientSuccess, type OperationInfo } from '@frontage/core';
import type { Leniency } from '../policy/upstream.options.js';

/** The departures from the contract that policy accepts in the successes of one operation. */
export interface Lenience {
  accepts(kind: Leniency): boolean;
  /** Counts a success that is accepted for this reason only. */
  count(kind: Leniency): void;
}

/** Accepts nothing but the contract. */
export const strict: Lenience = { accepts: () => false, count: () => undefined };

export function lenienceOf({ contract, id }: OperationInfo, kinds: readonly Leniency[]): Lenience {
  if (kinds.length === 0) return strict;
  const accepted = new Set(kinds);
  return {
    accepts: (kind) => accepted.has(kind),
    count(kind) {
      if (!channels.lenientSuccess.hasSubscribers) return;
      const event: LenientSuccess = { upstream: contract.upstream, operation: id, kind };
      channels.lenientSuccess.publish(event);
    },
  };
}
