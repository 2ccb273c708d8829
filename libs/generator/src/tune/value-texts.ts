/** Times are proposed in steps that people write. */
const stepOf = (ms: number): number => (ms < 100 ? 10 : ms < 1_000 ? 50 : 100);
export const rounded = (ms: number): number => Math.ceil(ms / stepOf(ms)) * stepOf(ms);
export const roundedDown = (ms: number): number => Math.max(1, Math.floor(ms / stepOf(ms)) * stepOf(ms));

/** `750ms`, `2s`: the text of a duration in `bff.yaml`. */
export function durationText(ms: number): string {
  return ms >= 1000 && ms % 1000 === 0 ? `${ms / 1000}s` : `${Math.round(ms)}ms`;
}

export const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.0995 ? 1 : 0)}%`;
export const spanText = (seconds: number): string =>
  seconds >= 7_200
    ? `${Math.round(seconds / 3600)} h`
    : seconds >= 120
      ? `${Math.round(seconds / 60)} min`
      : `${Math.round(seconds)} s`;
