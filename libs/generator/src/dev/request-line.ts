import { linesText } from '../terminal/terminal.js';

/** A line of a BFF's log in short form for a terminal: `mobile  GET /home 200 12 ms`; other lines stay as they are. */
export function requestLine(app: string, line: string): string {
  const record = parse(line);
  if (record === undefined) return linesText([`${app} | ${line}`]);
  const { method, route, status, durationMs, code, missingParts } = record;
  if (typeof method !== 'string' || typeof route !== 'string') return linesText([`${app} | ${line}`]);
  const notes = [
    typeof code === 'string' ? code : undefined,
    typeof missingParts === 'number' && missingParts > 0 ? `partial, ${missingParts} missing` : undefined,
  ].filter((note) => note !== undefined);
  const text = `${app.padEnd(8)} ${method} ${route} ${String(status)} ${Number(durationMs).toFixed(0)} ms`;
  return linesText([[text, ...notes].join(' ')]);
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
