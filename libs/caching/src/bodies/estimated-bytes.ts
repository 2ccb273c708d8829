/**
 * Rough size of a body in memory, parsed, projected or binary, too high rather than too low; it stops counting beyond `limit`. It does not
 * recurse, because the upstream decides how deep a value is.
 */
export function estimateBytes(value: unknown, limit: number): number {
  let bytes = 0;
  const pending: unknown[] = [value];
  while (pending.length > 0 && bytes <= limit) {
    const next = pending.pop();
    if (typeof next === 'string') bytes += 16 + 2 * next.length;
    else if (typeof next !== 'object' || next === null) bytes += 8;
    else if (ArrayBuffer.isView(next)) bytes += 100 + next.byteLength;
    else if (Array.isArray(next)) {
      bytes += 32 + 8 * next.length;
      for (const item of next) pending.push(item);
    } else {
      bytes += 56;
      for (const [name, member] of Object.entries(next)) {
        // Names are shared between objects of one shape, but an upstream that keys objects by id has as many names as values.
        bytes += 8 + 2 * name.length;
        pending.push(member);
      }
    }
  }
  return bytes;
}
