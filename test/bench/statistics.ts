export interface Spread {
  readonly median: number;
  /** The quartiles. */
  readonly low: number;
  readonly high: number;
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(sorted(values), 0.5);
}

export function spread(values: readonly number[]): Spread {
  const all = sorted(values);
  return { median: quantile(all, 0.5), low: quantile(all, 0.25), high: quantile(all, 0.75) };
}

/** Half of the rounds lie further apart than a fifth of their median, or there is nothing to take a median of: believe neither. */
export const isTooWide = ({ median, low, high }: Spread): boolean => !(high - low < 0.2 * Math.abs(median));

/**
 * The range in which the median of such values lies, 95 times of 100 (McGill, Tukey and Larsen 1978: 1.57 quartile distances over the root of their
 * number). NaN of fewer than four values.
 */
export function medianRange(values: readonly number[]): Spread {
  const { median, low, high } = spread(values);
  const half = values.length < 4 ? Number.NaN : (1.57 * (high - low)) / Math.sqrt(values.length);
  return { median, low: median - half, high: median + half };
}

export type Verdict = 'costs nothing' | 'costs more' | 'spread too wide to say';

/** True if the median lies above `limit`, as far as the values say it. */
export function verdictOf(range: Spread, limit: number): Verdict {
  if (range.low > limit) return 'costs more';
  return range.high <= limit ? 'costs nothing' : 'spread too wide to say';
}

/** Linear between neighbours. @param ascending sorted @param share 0 to 1 */
function quantile(ascending: ArrayLike<number>, share: number): number {
  if (ascending.length === 0) return Number.NaN;
  const place = share * (ascending.length - 1);
  const below = ascending[Math.floor(place)] ?? Number.NaN;
  const above = ascending[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** The smallest value that a share of all values does not exceed, such as a p99. @param ascending sorted */
export function nearestRank(ascending: ArrayLike<number>, share: number): number {
  if (ascending.length === 0) return Number.NaN;
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? Number.NaN;
}

export interface Line {
  /** y per x. */
  readonly slope: number;
  /** Standard error of the slope. */
  readonly error: number;
  readonly meanY: number;
}

/** Least squares; at least three points. */
export function fitLine(points: ReadonlyArray<readonly [number, number]>): Line {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const sxx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / sxx;
  const residual = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, error: Math.sqrt(residual / (n - 2) / sxx), meanY };
}

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
