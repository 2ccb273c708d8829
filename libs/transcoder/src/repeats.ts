import type { Projection } from './model/projection.js';

/** Maximum bytes of a remembered text, and of all texts that were written of it. 64 KiB each, for one text per projection. */
export const maxRememberedBytes = 1 << 16;

interface RepeatCounts {
  repeated: number;
  differing: number;
}

/** Marks that nothing was remembered: no text has this length. */
const none = -1;

/**
 * Remembers the last text and the texts written of it: many responses repeat, byte for byte, and comparing is much cheaper than reading.
 * Any difference is projected anew.
 */
export function rememberingLast(projection: Projection, counts: RepeatCounts): Projection {
  let last = Buffer.alloc(0);
  let length = none;
  let texts: readonly (string | undefined)[] = [];

  return {
    project(bytes) {
      if (bytes.length === length && last.compare(bytes, 0, length, 0, length) === 0) {
        counts.repeated++;
        return texts;
      }
      counts.differing++;
      const made = projection.project(bytes);
      if (made === undefined || bytes.length > maxRememberedBytes || lengthOf(made) > maxRememberedBytes) return made;
      if (last.length < bytes.length) last = Buffer.allocUnsafeSlow(bytes.length);
      last.set(bytes);
      length = bytes.length;
      texts = made;
      return made;
    },
  };
}

function lengthOf(texts: readonly (string | undefined)[]): number {
  let length = 0;
  for (const text of texts) length += text?.length ?? 0;
  return length;
}
