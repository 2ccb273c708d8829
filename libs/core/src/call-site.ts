import { fileURLToPath } from 'node:url';

/** A place in a source file. */
export interface CallPlace {
  /** Absolute path, as the engine has it: of the compiled file where no source is run. */
  readonly file: string;
  /** Starts at 1. */
  readonly line: number;
  /** Starts at 1. */
  readonly column: number;
}

/** Where `callee` was called, for messages and documents; `undefined` where the engine does not tell. Costs a stack trace: at the start only. */
export function callPlace(callee: (...args: never) => unknown): CallPlace | undefined {
  const trace: { stack?: string } = {};
  Error.captureStackTrace(trace, callee);
  const frame = trace.stack?.split('\n')[1] ?? '';
  const found = /\(?((?:file:\/\/)?\/?[^()\s][^()]*):(\d+):(\d+)\)?$/.exec(frame.replace(/^\s*at (?:.* \()?/, ''));
  if (found?.[1] === undefined) return undefined;
  const file = found[1].startsWith('file://') ? fileURLToPath(found[1]) : found[1];
  return { file, line: Number(found[2]), column: Number(found[3]) };
}
