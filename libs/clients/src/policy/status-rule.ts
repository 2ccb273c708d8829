/** A status, or all of one hundred: `429`, `5xx`. */
export type StatusName = `${1 | 2 | 3 | 4 | 5}xx` | number | (string & {});

/** Decides about a status of a response; compiled once. */
export type StatusRule = (status: number) => boolean;

const form = /^(?:([1-5])xx|[1-5]\d\d)$/i;

/**
 * @param but statuses that a range does not mean; a status that is named counts all the same
 * @throws TypeError for a name that is neither a status nor a range
 */
export function statusRule(names: readonly StatusName[], but: ReadonlySet<number> = new Set()): StatusRule {
  const ranges = new Set<number>();
  const codes = new Set<number>();
  for (const name of names) {
    const found = form.exec(String(name));
    if (found === null) throw new TypeError(`"${name}" is no status; takes 429, or 5xx for all of them`);
    if (found[1] === undefined) codes.add(Number(name));
    else ranges.add(Number(found[1]));
  }
  return (status) => codes.has(status) || (ranges.has(Math.floor(status / 100)) && !but.has(status));
}
