import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** file:line:column of the caller of `callee`, relative to the working directory; for messages at start. */
export function callSite(callee: (...args: never) => unknown): string {
  const trace: { stack?: string } = {};
  Error.captureStackTrace(trace, callee);
  const frame = trace.stack?.split('\n')[1] ?? '';
  const found = /\(?((?:file:\/\/)?\/?[^()\s][^()]*):(\d+):(\d+)\)?$/.exec(frame.replace(/^\s*at (?:.* \()?/, ''));
  if (found?.[1] === undefined) return 'an unknown place';
  const file = found[1].startsWith('file://') ? fileURLToPath(found[1]) : found[1];
  return `${relative(process.cwd(), file)}:${found[2]}:${found[3]}`;
}
