/** The time that logs and spans have beyond that of requests, in milliseconds: their own bounds are five seconds and one. */
export const sinksWithinMs = 6_000;

/**
 * Ends the process with 1 where requests are under way after their time. Where none is, logs and spans are still being written: they get six
 * seconds more, and the process ends with `code`.
 * @param graceMs from now on
 * @param underWay the number of requests
 * @returns for a process that has ended in order before: nothing is cut any more
 */
export function cutAfter(graceMs: number, underWay: () => number, code: 0 | 1 = 0): () => void {
  let timer = setTimeout(() => {
    if (underWay() > 0) process.exit(1);
    timer = setTimeout(() => process.exit(code), sinksWithinMs);
  }, graceMs);
  return () => clearTimeout(timer);
}
