import type { Codemod } from './codemod.js';

const pinned =
  /await expect\(`\$\{JSON\.stringify\(([\w.]+), null, 2\)\}\\n`\)\.toMatchFileSnapshot\('([^']*openapi\.gen\.json)'\)/g;
const module = '@frontage/testing/pinned-document';

/** A changed promise to clients is told by endpoint and member, and no longer as a difference of two texts. */
export const pinnedDocument: Codemod = {
  name: '0002-pinned-document',
  description: 'tests compare the promise to clients with expectPinned of @frontage/testing/pinned-document',
  change: (_, text) => {
    const changed = text.replaceAll(pinned, "await expectPinned($1, new URL('$2', import.meta.url))");
    return changed === text || text.includes(module) ? changed : withImport(changed);
  },
};

/** Behind the imports of Frontage that come before it in the alphabet. */
function withImport(text: string): string {
  const line = `import { expectPinned } from '${module}';\n`;
  const imports = [...text.matchAll(/^import [^;]* from '(@frontage\/[^']+)';\n/gm)];
  const before = imports.findLast(([, name = '']) => name < module);
  const at = before === undefined ? 0 : before.index + before[0].length;
  return text.slice(0, at) + line + text.slice(at);
}
