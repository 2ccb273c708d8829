import type { PackedPort } from './policy-chain.js';

const cacheFolder = 'cache';

/** `main.js`: the app in one process. Its imports come after the check of the version, and the compiled code is kept for the next start. */
const main = `// Starts the app in one process: node main.js
import './app/supported-node.js';
import module from 'node:module';

// What Node.js compiled is kept in ${cacheFolder}/ where that can be written; a start without it takes longer.
module.enableCompileCache({ directory: \`\${import.meta.dirname}/${cacheFolder}\`, portable: true });
await import('./app/main.js');
`;

/** `serve.js`: as `frontage serve` does it in the workspace. */
const serve = `// Starts the app in a process per core behind one port: node serve.js [--processes <number>] [--outlive-parent]
import './app/supported-node.js';
import module from 'node:module';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

const end = (message) => {
  process.stderr.write(\`error: \${message}\\n\`);
  process.exit(2);
};
const read = () => {
  try {
    return parseArgs({ options: { processes: { type: 'string', default: 'auto' }, 'outlive-parent': { type: 'boolean' } } }).values;
  } catch (cause) {
    return end(cause.message);
  }
};
const { processes, 'outlive-parent': outliveParent = false } = read();
const count = processes === 'auto' ? availableParallelism() : /^\\d{1,4}$/.test(processes) ? Number(processes) : 0;
if (count < 1 || count > 1024) end(\`--processes is \${JSON.stringify(processes)}: write auto, or a number from 1 to 1024\`);

module.enableCompileCache({ directory: \`\${import.meta.dirname}/${cacheFolder}\`, portable: true });
const { serveProcesses } = await import('./app/serve-processes.js');
process.exit(
  await serveProcesses({
    script: \`\${import.meta.dirname}/main.js\`,
    processes: count,
    outliveParent,
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
  }),
);
`;

/** `healthcheck.js`: for the health check of a container, which needs a command. */
function healthcheck({ port, variable }: PackedPort): string {
  const read = variable === undefined ? String(port) : `Number(process.env[${JSON.stringify(variable)}]) || ${port}`;
  return `// Ends with code 0 where the app is alive, and with code 1 where it is not.
import { get } from 'node:http';

const port = ${read};
const request = get({ host: '127.0.0.1', port, path: '/livez', timeout: 4_000 }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1));
request.on('timeout', () => request.destroy());
request.on('error', () => process.exit(1));
`;
}

/** The scripts beside the code, by name. */
export function launchers(port: PackedPort | undefined): ReadonlyMap<string, string> {
  const scripts = new Map([
    ['main.js', main],
    ['serve.js', serve],
  ]);
  if (port !== undefined) scripts.set('healthcheck.js', healthcheck(port));
  return scripts;
}
