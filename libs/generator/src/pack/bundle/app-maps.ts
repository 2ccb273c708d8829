import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import type { ExistingRawSourceMap, Plugin } from 'rolldown';

/** Of a module whose positions are not shown. */
export const noMap: ExistingRawSourceMap = { version: 3, mappings: '', names: [], sources: [] };

/**
 * Positions in the app stay those of its sources: in descriptions, in messages, and in stacks under `--enable-source-maps`. Other modules
 * get no map, which would be read at each start.
 */
export function appMaps(root: string, app: string): Plugin {
  return {
    name: 'frontage-app-maps',
    async load(id) {
      if (!id.startsWith(root) || id.includes('\0') || !/\.[cm]?js$/.test(id)) return undefined;
      const code = await readFile(id, 'utf8');
      const map = `${id}.map`;
      if (!id.startsWith(app + sep) || !existsSync(map)) return { code, map: noMap };
      const own: ExistingRawSourceMap = JSON.parse(readFileSync(map, 'utf8'));
      return { code, map: own };
    },
  };
}
