// The areas of the memory, by their first address. It never grows, so the views of the host stay valid and one number bounds it.
//
//   64 KiB   the input text, and a NUL behind it at which every scan stops
//   1.1 MiB  the output texts
//   3.3 MiB  tables of all projections, made once each at start, never freed
//   16 MiB   end
//
// Blocks of 16 bytes are loaded and stored beyond the end of a text: every area is followed by room for that.

/** Maximum bytes of a text, and of all texts that are written of it. */
export const maxTextBytes: usize = 1 << 20;
const slack: usize = 256;

export const input: usize = 1 << 16;
export const output: usize = input + maxTextBytes + slack;
/** Lists are written before the templates that refer to them, so there is room for the text twice. */
export const outputEnd: usize = output + 2 * maxTextBytes;
const tables: usize = outputEnd + slack;
const tablesEnd: usize = (256 << 16) - slack;

let free: usize = tables;

/** Allocates zero bytes in the tables; 0 when they are full. */
export function allocate(size: usize): usize {
  const place = (free + 15) & ~15;
  if (size > tablesEnd - place) return 0;
  free = place + size;
  return place;
}

/** Copies in blocks of 16 bytes: up to 15 bytes behind the end are overwritten. The areas may overlap when it copies down. */
@inline
export function copyBlocks(to: usize, from: usize, length: usize): void {
  if (length > 256) {
    memory.copy(to, from, length);
    return;
  }
  const end = from + length;
  do {
    v128.store(to, v128.load(from));
    from += 16;
    to += 16;
  } while (from < end);
}
