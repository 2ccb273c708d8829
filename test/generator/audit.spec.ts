import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceRoot } from '@frontage/testing';
import { expect, it } from 'vitest';
import { quietEnvironment } from './workspace-copy.js';

const frontage = (...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> =>
  new Promise((resolve) => {
    const script = join(workspaceRoot, 'libs/generator/bin/frontage.js');
    const options = { cwd: workspaceRoot, env: { ...quietEnvironment() } };
    const child = execFile(process.execPath, [script, ...args], options, (_, stdout) =>
      resolve({ code: child.exitCode ?? -1, output: stdout }),
    );
  });

it.each(['mobile', 'web', 'partner'])('frontage audit finds nothing to mend in the app %s', async (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'frontage-audit-'));
  const sarif = join(folder, 'audit.sarif');
  const { code, output } = await frontage('audit', name, '--json', '--sarif', sarif);
  expect({ code, ...(JSON.parse(output) as object) }).toMatchObject({ code: 0, bff: name, findings: [] });
  expect(JSON.parse(readFileSync(sarif, 'utf8'))).toMatchObject({ version: '2.1.0', runs: [{ results: [] }] });
  rmSync(folder, { recursive: true });
});

it('frontage audit names the rules where one is to be ignored that does not exist', async () => {
  const { code, output } = await frontage('audit', 'mobile', '--json', '--ignore', 'open-doors');
  expect(code).toBe(2);
  expect(JSON.parse(output)).toMatchObject({ ok: false, error: { kind: 'usage' } });
});
