import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** `@ts-expect-error` proves that a mistake does not compile; this proves that the compiler says why. */
const files = [
  'plan/plan.spec-d.ts',
  'plan/gathering.spec-d.ts',
  'view/screen.spec-d.ts',
  'view/joins.spec-d.ts',
  'input/inputs.spec-d.ts',
].map((name) => join(import.meta.dirname, name));
const marker = /@ts-expect-error (.*)/;

function compile(): ts.Program {
  const root = join(import.meta.dirname, '../../..');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.test.json'), (name) => ts.sys.readFile(name));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const read = host.readFile.bind(host);
  const unmarked = (name: string) =>
    files.includes(name) ? readFileSync(name, 'utf8').replaceAll('@ts-expect-error', 'says:') : read(name);
  host.readFile = unmarked;
  const parse = host.getSourceFile.bind(host);
  host.getSourceFile = (name, language, ...rest) =>
    files.includes(name)
      ? ts.createSourceFile(name, unmarked(name) ?? '', language, true)
      : parse(name, language, ...rest);
  return ts.createProgram(files, options, host);
}

const program = compile();

describe.each(files.map((file) => ({ file, name: basename(file, '.spec-d.ts') })))(
  'the compiler on a mistake in a $name',
  ({ file }) => {
    const source = program.getSourceFile(file);
    const messages = new Map<number, string>();
    for (const diagnostic of source === undefined ? [] : program.getSemanticDiagnostics(source)) {
      const { line } = ts.getLineAndCharacterOfPosition(diagnostic.file ?? source!, diagnostic.start ?? 0);
      messages.set(
        line,
        `${messages.get(line) ?? ''}${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}\n`,
      );
    }
    const lines = readFileSync(file, 'utf8').split('\n');
    const expected = lines.flatMap((text, line) => {
      const says = marker.exec(text)?.[1];
      return says === undefined || text.includes('`@ts')
        ? []
        : [{ says, line: line + 1, code: lines.at(line + 1)?.trim() }];
    });

    it.each(expected)('says "$says" on $code', ({ says, line }) => {
      expect(messages.get(line)).toContain(says);
    });

    it('says nothing on what is right', () => {
      const wrong = new Set(expected.map(({ line }) => line));
      expect([...messages].filter(([line]) => !wrong.has(line))).toEqual([]);
    });
  },
);
