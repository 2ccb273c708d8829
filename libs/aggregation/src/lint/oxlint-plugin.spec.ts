import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const fixture = pathOf('../fixtures/references-as-values.ts');
const root = pathOf('../../../..');

let folder = '';
let config = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-'));
  config = join(folder, 'oxlintrc.json');
  // The rules as they hold for apps, on a file that is wrong on purpose and therefore left out of all other checks.
  const { ignorePatterns: _, ...own } = JSON.parse(await readFile(join(root, '.oxlintrc.json'), 'utf8')) as Config;
  const forApps = own.overrides.find(({ files }) => files.includes('apps/**'));
  const jsPlugins = [pathOf('./oxlint-plugin.ts')];
  await writeFile(
    config,
    JSON.stringify({ ...own, $schema: undefined, jsPlugins, overrides: [{ ...forApps, files: ['**'] }] }),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Config {
  readonly ignorePatterns: readonly string[];
  readonly overrides: readonly { readonly files: readonly string[] }[];
}

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

/** The text that the linter prints; its exit code says only whether that is nothing. */
const oxlint = (...args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'node_modules/oxlint/bin/oxlint'), '-c', config, ...args],
      { cwd: root },
      (_, out) => resolve(out),
    );
  });

describe('a reference that is used as a value', () => {
  let lines: readonly string[];
  let findings: readonly Finding[];
  beforeAll(async () => {
    lines = (await readFile(fixture, 'utf8')).split('\n');
    findings = (JSON.parse(await oxlint('-f', 'json', fixture)) as { readonly diagnostics: readonly Finding[] })
      .diagnostics;
  });

  it('is found wherever the compiler is blind, and nothing else is', () => {
    const about = /^(?:frontage|typescript\(no-misused-promises)/;
    const found = new Map<number, Set<string>>();
    for (const { code, labels } of findings) {
      const line = labels[0]?.span.line ?? 0;
      if (about.test(code)) found.set(line, (found.get(line) ?? new Set()).add(code));
    }
    const named = lines.flatMap((line, index) => {
      const [, rule] = /\/\/ ((?:frontage|typescript)\(.+\))$/.exec(line) ?? [];
      return rule === undefined ? [] : [[index + 1, rule] as const];
    });
    expect(named.length).toBeGreaterThan(20);
    for (const [line, rule] of named) expect([line, ...(found.get(line) ?? [])]).toContain(rule);
    expect([...found.keys()].filter((line) => !named.some(([known]) => known === line))).toEqual([]);
  });

  it.each([
    [
      'user.nick is a reference, not a value yet: the other side is never taken; compute with it in step({ ... }, (seen) => ...)',
    ],
    ["user.nick is a reference, not a value yet: the other side is never taken; write orElse(user.nick, 'nobody')"],
    [
      "user.name is a reference, not a value yet: nothing can be told from '==='; compute with it in step({ ... }, (seen) => ...)",
    ],
    ['user.name is a reference, not a value yet: write text before the template'],
    [
      'user.name is a reference, not a value yet: references are not added; write text`...` to join texts, compute with it in test(...) or compute(...)',
    ],
    ["user.name is a reference, not a value yet: the other side is never taken; write when(user.name, 'some', 'none')"],
    [
      'user.name is a reference, not a value yet: the other side is never taken; choose in step({ ... }, (seen) => ...), or make a call with { when: user.name }',
    ],
    [
      'new Date() in a view: it is written down once, at start, and would be the same for every request; hand it over in the input',
    ],
    ['new Date() in a plan: this function has to give the same for the same values; hand it over in the input'],
  ])('%s', (message) => {
    expect(findings.map((finding) => finding.message)).toContain(message);
  });
});

describe('the linter with --fix', () => {
  const before = `import { plan, screen, required, text as words } from '@frontage/aggregation';
export const one = screen(somePlan, ({ user }) => ({
  nick: user.nick ?? 'nobody',
}));
export const two = screen(somePlan, ({ user: { name: shown = 'x' } }) => ({ greeting: \`Hello \${shown}\` }));
`;

  it('writes what was meant, and imports it', async () => {
    const file = join(folder, 'screen.ts');
    await writeFile(file, before);
    await oxlint('--fix', file);
    expect(await readFile(file, 'utf8')).toBe(
      before
        .replace('text as words }', 'text as words, orElse }')
        .replace("user.nick ?? 'nobody'", "orElse(user.nick, 'nobody')")
        .replace('greeting: `', 'greeting: words`'),
    );
  });

  it('leaves files alone that have nothing of ours', async () => {
    const file = join(folder, 'other.ts');
    const own = before.replace('@frontage/aggregation', 'somewhere');
    await writeFile(file, own);
    await oxlint('--fix', file);
    expect(await readFile(file, 'utf8')).toBe(own);
  });
});
