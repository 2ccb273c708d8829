import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runProgram } from '@frontage/generator';
import { workspaceRoot } from '@frontage/testing';
import { rolldown, type OutputChunk } from 'rolldown';
import { compile } from '../contracts/compile.js';

/** The strictest settings that frontends have: generated code compiles under all of them. */
const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  isolatedModules: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  target: 'es2022',
  lib: ['es2022', 'dom', 'dom.iterable'],
  module: 'nodenext',
  jsx: 'react-jsx',
  types: [],
  noEmit: true,
};

/** A frontend in a folder of its own, which has the packages of this repository. */
export class StrictProject {
  private constructor(readonly folder: string) {}

  static async make(): Promise<StrictProject> {
    const folder = await mkdtemp(join(tmpdir(), 'frontage-frontend-'));
    await mkdir(join(folder, 'src'));
    await symlink(join(workspaceRoot, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
    return new StrictProject(folder);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  /** Runs `frontage` in the root of this workspace. @returns its output @throws where it fails */
  async frontage(...args: string[]): Promise<string> {
    let text = '';
    const write = (more: string): void => void (text += more);
    const code = await runProgram(args, { cwd: workspaceRoot, write, writeError: write });
    if (code !== 0) throw new Error(`frontage ${args.join(' ')} ended with ${code}: ${text}`);
    return text;
  }

  place(name: string): string {
    return join(this.folder, 'src', name);
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(this.place(name), text);
  }

  read(name: string): Promise<string> {
    return readFile(this.place(name), 'utf8');
  }

  /** Messages of the compiler about all files of the project; empty where it accepts them. */
  compile(): Promise<string> {
    return compile(this.folder);
  }

  /** One file with all that a browser needs. */
  async bundle(name: string): Promise<string> {
    const bundle = await rolldown({
      input: this.place(name),
      transform: { define: { 'process.env.NODE_ENV': '"production"' } },
      platform: 'browser',
      // The packages of React say "use client" in each file.
      logLevel: 'silent',
    });
    const { output } = await bundle.generate({ minify: true });
    await bundle.close();
    return output
      .filter((one): one is OutputChunk => one.type === 'chunk')
      .map(({ code }) => code)
      .join('\n');
  }
}

export const compressedBytes = (code: string): number => gzipSync(code, { level: 9 }).length;

/** The blocks of code of a page in this language. */
export async function codeOf(page: string, language: string): Promise<readonly string[]> {
  const text = await readFile(join(workspaceRoot, page), 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, code = '']) => code);
}
