import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutantsOf, stagesOf } from './inbound-pipeline.js';

const root = new URL('../..', import.meta.url);
const source = readFileSync(new URL('libs/gateway/src/inbound/pipeline.ts', root), 'utf8');
const mutants = mutantsOf(source);

it('changes each stage and each two neighbours of the inbound pipeline', () => {
  const names = stagesOf(source);
  expect(names).toHaveLength(18);
  expect(mutants).toHaveLength(2 * names.length - 1);
  expect(new Set(mutants.map(({ apply }) => apply(source)).concat(source)).size).toBe(mutants.length + 1);
});

// Each mutant runs the tests of the pipeline: minutes in all. `MUTANTS=1 npx vitest run test/mutants`
describe.skipIf(process.env['MUTANTS'] === undefined)('a mutant of the inbound pipeline fails a test', () => {
  it.each(mutants.filter(({ equivalent }) => equivalent === undefined).map(({ name }) => name))(
    '%s',
    { timeout: 600_000 },
    (name) => {
      const { NODE_OPTIONS: _, VITEST: __, ...inherited } = process.env;
      const { status, stdout } = spawnSync(
        process.execPath,
        ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/mutants/vitest.config.ts'],
        { cwd: root, env: { ...inherited, MUTANT: name }, encoding: 'utf8' },
      );
      expect(stdout).toMatch(/Tests +.*\d+ failed/);
      expect(status).toBe(1);
    },
  );
});
