import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
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

/** The place where `callee` was called, for messages and documents; `undefined` where the engine does not tell. Costs a stack trace: at the start only. */
export function callPlace(callee: (...args: never) => unknown): CallPlace | undefined {
  const trace: { stack?: string } = {};
  Error.captureStackTrace(trace, callee);
  const frame = trace.stack?.split('\n')[1] ?? '';
  const found = /\(?((?:file:\/\/)?\/?[^()\s][^()]*):(\d+):(\d+)\)?$/.exec(frame.replace(/^\s*at (?:.* \()?/, ''));
  if (found?.[1] === undefined) return undefined;
  const file = found[1].startsWith('file://') ? fileURLToPath(found[1]) : found[1];
  return { file, line: Number(found[2]), column: Number(found[3]) };
}

/** {@link callPlace} in the source of a compiled file, by the source map beside it; that of the compiled file where it has none. */
export function sourcePlace(callee: (...args: never) => unknown): CallPlace | undefined {
  const place = callPlace(callee);
  if (place === undefined) return undefined;
  const origin = mapOf(place.file)?.findOrigin(place.line, place.column);
  if (origin === undefined || !('fileName' in origin)) return place;
  const file = resolve(dirname(place.file), origin.fileName);
  return { file, line: origin.lineNumber, column: origin.columnNumber };
}

const maps = new Map<string, SourceMap | undefined>();
const maxMaps = 1_000;

function mapOf(file: string): SourceMap | undefined {
  if (maps.has(file)) return maps.get(file);
  const map = readMap(file);
  if (maps.size < maxMaps) maps.set(file, map);
  return map;
}

/** A source that the engine runs, or maps itself, has no map beside it. */
function readMap(file: string): SourceMap | undefined {
  const path = `${file}.map`;
  if (!/\.[cm]?js$/.test(file) || !existsSync(path)) return undefined;
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
