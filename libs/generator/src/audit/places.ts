import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { Place } from './finding.js';

/** A place in a file of the workspace. */
export interface Located {
  /** From the root of the workspace, with `/`. */
  readonly file: string;
  /** From 1; absent where the key stands in none of the app's own lines. */
  readonly line?: number;
}

/** @param folder of the app from the root of the workspace, with `/` */
export function locate(place: Place, root: string, folder: string): Located {
  if (place.kind === 'policy') return policyPlace(place.path, root, `${folder}/bff.yaml`);
  // `apps/mobile/src/home/home.screen.ts:18:3`
  const [, file, line] = /^(.*?):(\d+)(?::\d+)?$/.exec(place.source ?? '') ?? [];
  return file === undefined ? { file: `${folder}/routes.gen.md` } : { file, line: Number(line) };
}

/** The line of a key, or of the nearest key above it that is written. */
function policyPlace(path: readonly string[], root: string, file: string): Located {
  const full = join(root, file);
  if (!existsSync(full)) return { file };
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(full, 'utf8'), { lineCounter: lines });
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range != null) return { file, line: lines.linePos(node.range[0]).line };
  }
  return { file };
}
