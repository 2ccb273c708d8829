import { readFileSync } from 'node:fs';
import { generatedLine } from '../workspace/generated-folder.js';
import { ownVersion } from '../workspace/layout.js';

/** Each file imports from those before it only. */
const files = ['types', 'writing', 'reading', 'client'] as const;

/** The file of the runtime, without the end of its name. No BFF has a dot in its name, so none has a file of this name. */
export const runtimeName = 'frontage.client.gen';

/** The text of its file: everything that clients of all BFFs need at run time, as one file without imports. */
export function runtimeSource(): string {
  const texts = files.map((name) => {
    // Both `src` and `dist` are beside the sources, which are a part of the package.
    const text = readFileSync(new URL(`../../src/sdk/runtime/${name}.ts`, import.meta.url), 'utf8');
    return text
      .replaceAll('\r\n', '\n')
      .replaceAll(/^import [^;]* from '\.\/\w+\.js';\n/gm, '')
      .trim();
  });
  return `${generatedLine('frontage sdk', '')}\n// Version ${ownVersion()} of Frontage.\n\n${texts.join('\n\n')}\n`;
}
