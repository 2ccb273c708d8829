/** A line of a log: one JSON object. */
export type LogRecord = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is LogRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object of a line; undefined for a line that is none. */
export function recordOf(line: string): LogRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Members that every line has, or that the text begins with. */
const common = new Set(['time', 'app', 'level', 'msg', 'pid', 'hostname']);

/** `warn breaker: upstream orders, state open`: what a line says that is about no request. */
export function logText(record: LogRecord): string {
  const { level, msg } = record;
  const head = [level, msg].filter((word) => typeof word === 'string').join(' ');
  const rest = Object.entries(record).filter(([name, value]) => !common.has(name) && value !== undefined);
  const text = rest.map(([name, value]) => `${name} ${valueText(value)}`).join(', ');
  return [head, text].filter((one) => one !== '').join(': ');
}

function valueText(value: unknown): string {
  // The stack of an error is long: its message says what happened.
  if (isRecord(value) && typeof value['message'] === 'string') return value['message'];
  return typeof value === 'string' ? value : JSON.stringify(value);
}
