import { linesText } from '../terminal/terminal.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * A line of a BFF's log in short form for a terminal: `mobile  GET /home 200 12 ms`, and below it one line for each part that failed, with
 * the reason. Other lines stay as they are.
 */
export function requestLine(app: string, line: string): string {
  const record = parse(line);
  if (record === undefined) return linesText([`${app} | ${line}`]);
  const { method, route, status, durationMs, code, missingParts, failures, moreFailures, error } = record;
  if (typeof method !== 'string' || typeof route !== 'string') return linesText([`${app} | ${line}`]);
  const notes = [
    typeof code === 'string' ? code : undefined,
    typeof missingParts === 'number' && missingParts > 0 ? `partial, ${missingParts} missing` : undefined,
  ].filter((note) => note !== undefined);
  const text = `${app.padEnd(8)} ${method} ${route} ${String(status)} ${Number(durationMs).toFixed(0)} ms`;
  const reasons = [
    ...(Array.isArray(failures) ? failures.filter(isObject).map(failureText) : []),
    ...(typeof moreFailures === 'number' ? [`and ${moreFailures} more`] : []),
    ...(isObject(error) ? [errorLine(error)] : []),
  ];
  return linesText([[text, ...notes].join(' '), ...reasons.map((reason) => `${' '.repeat(9)}${reason}`)]);
}

/** `user: users.getUser at http://127.0.0.1:4100, attempt 2: timeout, no response within the timeout`. */
function failureText({ part, upstream, operation, address, reason, status, attempt, count, detail }: Json): string {
  const where = typeof address === 'string' ? ` at ${address}` : ', not sent';
  const tries = typeof attempt === 'number' && attempt > 0 ? `, attempt ${attempt}` : '';
  const times = typeof count === 'number' ? `, ${count} times` : '';
  const more = typeof detail === 'string' ? `, ${detail}` : typeof status === 'number' ? `, status ${status}` : '';
  const name = typeof part === 'string' ? `${part}: ` : '';
  return `${name}${String(upstream)}.${String(operation)}${where}${tries}${times}: ${String(reason)}${more}`;
}

/** The first line of the place where a bug was thrown says the most. */
function errorLine({ type, message, stack }: Json): string {
  const place = typeof stack === 'string' ? /^\s*at .*$/m.exec(stack)?.[0].trim() : undefined;
  return [`${String(type)}: ${String(message)}`, place].filter((one) => one !== undefined).join(' ');
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

function parse(line: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
