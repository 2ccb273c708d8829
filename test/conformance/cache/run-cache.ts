import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readSuites } from './definitions.js';
import { profiles } from './front.js';
import { runSuites, tableOf } from './run-suites.js';

/**
 * `npm run conformance:cache -- <definitions>`: plays suites of the public tests for HTTP caches, or other ones in their form, and ends with 1 if a
 * required case fails.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { failed: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const ownCases = fileURLToPath(new URL('cases', import.meta.url));
const path = positionals[0] ?? process.env['CACHE_TESTS'] ?? ownCases;
const all = await readSuites(path);
const suites =
  values.only === undefined
    ? all
    : all.map((suite) => ({ ...suite, tests: suite.tests.filter(({ id }) => id === values.only) }));
let broken = 0;
for (const profile of profiles) {
  const results = await runSuites(suites, profile);
  if (results.length === 0) continue;
  process.stdout.write(`${profile.name} cache\n${tableOf(results)}\n`);
  const shown = results.filter(
    ({ kind, result }) => result !== 'passed' && (values.failed || (kind === 'required' && result !== 'depends')),
  );
  for (const { kind, id, result, why } of shown) process.stdout.write(`  ${kind} ${id}: ${result}, ${why}\n`);
  process.stdout.write('\n');
  broken += results.filter(({ kind, result }) => kind === 'required' && result === 'failed').length;
}
process.exitCode = broken === 0 ? 0 : 1;
