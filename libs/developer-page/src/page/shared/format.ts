/** `4.2 ms`, `120 ms`, `1.25 s` */
export function duration(ms: number): string {
  if (ms >= 1_000) return `${Number((ms / 1_000).toFixed(2))} s`;
  return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
}

/** `14:05:09.123` */
export function clockTime(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
