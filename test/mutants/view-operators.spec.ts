import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applyTo, nameOf, viewMutants } from './view-operators.js';

const root = new URL('../..', import.meta.url);

it('changes code that is there, each mutant in another way', () => {
  const made = viewMutants.map((mutant) =>
    applyTo(readFileSync(new URL(`libs/aggregation/src/${mutant.file}`, root), 'utf8'), mutant),
  );
  expect(new Set(made).size).toBe(viewMutants.length);
  expect(new Set(viewMutants.map(nameOf)).size).toBe(viewMutants.length);
});

// Each mutant runs the properties of views: minutes in all. `MUTANTS=1 npx vitest run test/mutants/view-operators.spec.ts`
describe.skipIf(process.env['MUTANTS'] === undefined)('a mistake in a verb of views fails a property', () => {
  it.each(viewMutants.map(nameOf))('%s', { timeout: 600_000 }, (name) => {
    const { NODE_OPTIONS: _, VITEST: __, ...inherited } = process.env;
    const { status, stdout } = spawnSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/mutants/view-operators.config.ts'],
      { cwd: root, env: { ...inherited, MUTANT: name, FUZZ_CASES: '2000' }, encoding: 'utf8' },
    );
    // The property failed, and not the file: code that cannot be loaded proves nothing.
    expect(stdout).toMatch(/Tests +.*\d+ failed/);
    expect(status).toBe(1);
  });
});
