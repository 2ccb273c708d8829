// `npm test`: every check, the quick ones first, and one line per check at the end. Arguments go to vitest: `npm test -- libs/core`.
import { spawnSync } from 'node:child_process';

const vitestArguments = process.argv.slice(2);
const script = (name, key) => ({ name, command: 'npm', args: ['run', '--silent', `check:${key}`] });
const tests = { name: 'tests', command: 'npx', args: ['vitest', 'run', ...vitestArguments] };
const checks = [
  script('types', 'types'),
  script('lint', 'lint'),
  script('format', 'format'),
  script('import law', 'imports'),
  script('unused code', 'unused'),
  script('generated files', 'generated'),
  tests,
];

const results = [];
for (const { name, command, args } of vitestArguments.length > 0 ? [tests] : checks) {
  const began = performance.now();
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  results.push({ name, passed: status === 0, seconds: ((performance.now() - began) / 1000).toFixed(1) });
}

process.stdout.write('\n');
for (const { name, passed, seconds } of results) {
  process.stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name.padEnd(16)} ${seconds} s\n`);
}
const failed = results.filter(({ passed }) => !passed).length;
process.stdout.write(`\n${results.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
