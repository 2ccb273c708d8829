// Starts the app in a process per core behind one port: node serve.js [--processes <number>] [--outlive-parent]
import module from 'node:module';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

// First: everything else needs Node.js 24.
await import('./app/supported-node.js');

const options = {
  processes: { type: 'string', default: 'auto' },
  'outlive-parent': { type: 'boolean', default: false },
};
const { processes, 'outlive-parent': outliveParent } = read();
const count = processes === 'auto' ? availableParallelism() : /^\d{1,4}$/.test(processes) ? Number(processes) : 0;
if (count < 1 || count > 1024)
  fail(`--processes is ${JSON.stringify(processes)}: write auto, or a number from 1 to 1024`);

module.enableCompileCache({ directory: `${import.meta.dirname}/cache`, portable: true });
const { serveProcesses } = await import('./app/serve-processes.js');
process.exit(
  await serveProcesses({
    script: `${import.meta.dirname}/main.js`,
    processes: count,
    outliveParent,
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
  }),
);

function read() {
  try {
    return parseArgs({ options }).values;
  } catch (cause) {
    return fail(cause.message);
  }
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(2);
}
