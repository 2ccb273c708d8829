const groups: ReadonlySet<string> = new Set([
  'dependencies',
  'devDependencies',
  'peerDependencies',
  'optionalDependencies',
]);

/** Of two ranges of one package in a package.json the higher one; undefined for other members, and for ranges of different kinds. */
export function higherRange(path: readonly string[], one: unknown, other: unknown): string | undefined {
  if (path.length !== 2 || !groups.has(path[0] ?? '')) return undefined;
  const [left, right] = [rangeOf(one), rangeOf(other)];
  if (left === undefined || right === undefined || left.kind !== right.kind) return undefined;
  const place = left.numbers.findIndex((number, index) => number !== right.numbers[index]);
  return (left.numbers[place] ?? 0) >= (right.numbers[place] ?? 0) ? left.text : right.text;
}

interface Range {
  readonly text: string;
  /** `^`, `~` or none */
  readonly kind: string;
  readonly numbers: readonly number[];
}

/** Undefined for a version before its release, a file, an alias, and all but one lower bound. */
function rangeOf(value: unknown): Range | undefined {
  const match = typeof value === 'string' ? /^([~^]?)(\d+)\.(\d+)\.(\d+)$/.exec(value) : null;
  if (match === null) return undefined;
  const [text, kind = '', ...numbers] = match;
  return { text, kind, numbers: numbers.map(Number) };
}
