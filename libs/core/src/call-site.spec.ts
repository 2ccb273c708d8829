import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourcePlace, type CallPlace } from './call-site.js';
import { shownPath } from './shown-path.js';

type Caller = (callee: () => CallPlace | undefined) => CallPlace | undefined;

const source = `interface Gone {}

// a comment that the compiler keeps out
export function call(callee: () => unknown): unknown {
  return  callee();
}
`;
let root = '';
const load = createRequire(import.meta.url);

/** Compiles the source as an app is compiled, and gives back its function. */
function compiled(name: string, { hasMap }: { readonly hasMap: boolean }): Caller {
  const { outputText, sourceMapText = '' } = ts.transpileModule(source, {
    fileName: `../src/${name}.ts`,
    compilerOptions: { sourceMap: true, module: ts.ModuleKind.CommonJS, removeComments: true },
  });
  const file = join(root, 'dist', `${name}.js`);
  writeFileSync(file, outputText);
  if (hasMap)
    writeFileSync(`${file}.map`, sourceMapText.replace(/"sources":\[[^\]]*\]/, `"sources":["../src/${name}.ts"]`));
  const { call }: { call: Caller } = load(file);
  return call;
}

const called = (): CallPlace | undefined => sourcePlace(called);

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'frontage-place-')));
  mkdirSync(join(root, 'dist'));
  writeFileSync(join(root, 'package.json'), '{"workspaces":[]}');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the place of a call', () => {
  it('is that in the source of a compiled file', () => {
    const place = compiled('home', { hasMap: true })(called);
    expect(place).toEqual({ file: join(root, 'src/home.ts'), line: 5, column: 11 });
    expect(shownPath(place?.file ?? '')).toBe('src/home.ts');
  });

  it('is that in the compiled file where it has no source map, or one that cannot be read', () => {
    expect(compiled('plain', { hasMap: false })(called)?.file).toBe(join(root, 'dist/plain.js'));
    writeFileSync(join(root, 'dist/broken.js.map'), '{');
    expect(compiled('broken', { hasMap: false })(called)?.file).toBe(join(root, 'dist/broken.js'));
  });
});
