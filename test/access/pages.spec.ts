import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig } from '@frontage/config';
import { workspaceRoot } from '@frontage/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { compile, workspace } from '../contracts/compile.js';

const folder = mkdtempSync(join(tmpdir(), 'access-pages-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The keys that blocks of these pages leave to the rest of a policy. */
const base = `access: { jwt: { issuer: https://id.acme.example, audience: shop-bff, jwks: https://id.acme.example/jwks.json } }
rateClasses: { gold: [{ per: user, limit: 60, window: 1m }] }
`;
writeFileSync(join(folder, 'base.yaml'), base);

interface Block {
  readonly line: number;
  readonly text: string;
}

function blocksOf(page: string, language = 'yaml'): readonly Block[] {
  const text = readFileSync(join(workspaceRoot, 'docs', page), 'utf8');
  return [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)^\\1\`\`\`$`, 'gm'))].map(
    ({ 1: indent = '', 2: body = '', index }) => ({
      line: text.slice(0, index).split('\n').length + 1,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** A whole policy around a block. A block without `listen` or `access` at its top stands below `access`. */
function policyAround({ text }: Block): string {
  const isWhole = /^(?:listen|access):/m.test(text);
  const listen = /^listen:/m.test(text) ? '' : 'listen: { port: 0 }\n';
  return `bff: shop\nextends: base.yaml\n${listen}${isWhole ? text : `access:\n${text.replaceAll(/^/gm, '  ')}`}`;
}

function mistakesOf(block: Block): readonly string[] {
  const file = join(folder, 'bff.yaml');
  writeFileSync(file, policyAround(block));
  try {
    loadConfig(file, { env: { INTROSPECTION_SECRET: 'x' }, environment: 'test' });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.issues.map(({ message }) => message);
  }
}

describe.each([
  ['access.md', 14],
  ['tls.md', 3],
])('docs/%s', (page, least) => {
  const blocks = blocksOf(page);

  it('has its examples of policy', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(least);
  });

  it.each(blocks)('has an example at line $line that an app can have', (block) => {
    expect(mistakesOf(block)).toEqual([]);
  });

  it('would not have one with a key that does not exist', () => {
    expect(mistakesOf({ line: 0, text: 'access: { apiKey: { file: keys.json } }\n' })).toEqual([
      'unknown key "apiKey"; did you mean "apiKeys"?',
    ]);
  });
});

/** The names that the code of the page leaves to the app. */
const names = `import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Strategy } from 'passport';
import { Access, Caller } from '@frontage/auth';
declare const BasicStrategy: new (...args: unknown[]) => Strategy;
declare class Directory {
  bind(name: string, password: string): Promise<{ readonly id: string; readonly groups: readonly string[] } | undefined>;
}
`;

describe('the code of docs/access.md', () => {
  const blocks = blocksOf('access.md', 'ts');

  /** Decorators stand above a method. */
  const classOf = ({ text, line }: Block): string =>
    /^@Access/m.test(text)
      ? `class Line${line} {\n${text.replaceAll(/^(@.*)$/gm, (_, decorator: string, at: number) => `${decorator}\n  m${at}() {}`)}\n}\nexport { Line${line} };\n`
      : text;

  it('compiles, and would not with a key that does not exist', async () => {
    const project = join(folder, 'code');
    const options = {
      noEmit: true,
      composite: false,
      declaration: false,
      declarationMap: false,
      sourceMap: false,
      skipLibCheck: true,
      noUnusedLocals: false,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      customConditions: ['@frontage/source'],
      types: [],
      typeRoots: [join(workspace, 'node_modules/@types')],
    };
    mkdirSync(project);
    symlinkSync(join(workspace, 'node_modules'), join(project, 'node_modules'));
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ extends: join(workspace, 'tsconfig.base.json'), compilerOptions: options, include: ['*.ts'] }),
    );
    expect(blocks.length).toBeGreaterThanOrEqual(2);
    for (const block of blocks) writeFileSync(join(project, `line${block.line}.ts`), names + classOf(block));
    expect(await compile(project)).toBe('');
    writeFileSync(join(project, 'wrong.ts'), `${names}export class Wrong {\n  @Access({ scopes: 'a' })\n  m() {}\n}\n`);
    expect(await compile(project)).toMatch(/wrong\.ts\(\d+,\d+\): error .*scopes/);
  }, 60_000);
});
