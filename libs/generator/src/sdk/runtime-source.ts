import { readFileSync } from 'node:fs';
import { generatedLine } from '../workspace/generated-folder.js';
import { ownVersion } from '../workspace/layout.js';

/** The file of the runtime, without the end of its name. No BFF has a dot in its name, so none has a file of this name. */
export const runtimeName = 'frontage.client.gen';

/** The text of its file: everything that clients of all BFFs need at run time, without imports. */
export const runtimeSource = (): string =>
  // Both `src` and `dist` are beside the sources, which are a part of the package.
  runtimeText('frontage sdk', new URL('../../src/sdk/runtime/', import.meta.url), [
    'types',
    'writing',
    'keeping',
    'reading',
    'client',
  ]);

/** Sources as one file. @param names each file imports from those before it only */
export function runtimeText(command: string, folder: URL, names: readonly string[]): string {
  const texts = names.map((name) => {
    const text = readFileSync(new URL(`${name}.ts`, folder), 'utf8').replaceAll('\r\n', '\n');
    return text.replaceAll(/^import [^;]* from '\.\/\w+\.js';\n/gm, '').trim();
  });
  return `${generatedLine(command, '')}\n// Version ${ownVersion()} of Frontage.\n\n${texts.join('\n\n')}\n`;
}
