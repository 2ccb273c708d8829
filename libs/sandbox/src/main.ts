import '@frontage/core/supported-node';
import { terminalLine } from '@frontage/contracts/terminal-text';
import { join } from 'node:path';
import { findContracts, foldersOf } from './contract/contract-files.js';
import { createSandbox } from './sandbox.js';

/**
 * Starts the sandbox of a workspace and prints one line of JSON when it listens: `{"ready":true,"url":"http://127.0.0.1:4100"}`.
 * - SANDBOX_PORT: default 4100; 0 takes a free one
 * - SANDBOX_ROOT: the workspace; default the working directory
 * - SANDBOX_UPSTREAMS: only these, with commas in between; default all
 * - SANDBOX_SEED: seed of generated values
 * - SANDBOX_HOSTS: further host names, with commas in between, beside localhost, 127.0.0.1 and [::1]; default none
 * - SANDBOX_STDIN=open: end when stdin ends, which also happens when the process that started it ends
 */
const {
  SANDBOX_PORT = '4100',
  SANDBOX_ROOT = process.cwd(),
  SANDBOX_UPSTREAMS,
  SANDBOX_SEED,
  SANDBOX_HOSTS,
  SANDBOX_STDIN,
} = process.env;

const stop = (message: string): never => {
  process.stderr.write(`${terminalLine(message)}\n`);
  process.exit(1);
};

const port = Number(SANDBOX_PORT);
if (!Number.isInteger(port) || port < 0 || port > 65_535)
  stop(`SANDBOX_PORT is ${JSON.stringify(SANDBOX_PORT)}, and must be a port.`);

const wanted = SANDBOX_UPSTREAMS?.split(',').filter(Boolean);
const all = await findContracts(SANDBOX_ROOT);
const unknown = wanted?.filter((name) => !all.some(({ upstream }) => upstream === name)) ?? [];
if (unknown.length > 0) stop(`There is no contract of ${unknown.join(', ')} in ${SANDBOX_ROOT}.`);

const apps = (await foldersOf(join(SANDBOX_ROOT, 'apps'))).map((app) => `${app}-bff`);
try {
  const sandbox = await createSandbox({
    contracts: all.filter(({ upstream }) => wanted?.includes(upstream) ?? true),
    port,
    audiences: () => apps,
    allowedHosts:
      SANDBOX_HOSTS?.split(',')
        .map((name) => name.trim())
        .filter(Boolean) ?? [],
    ...(SANDBOX_SEED !== undefined && { seed: SANDBOX_SEED }),
  });
  const end = (): void => {
    void sandbox.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', end).once('SIGINT', end);
  if (SANDBOX_STDIN === 'open') process.stdin.once('end', end).once('error', end).resume();
  process.stdout.write(`${JSON.stringify({ ready: true, url: sandbox.url })}\n`);
} catch (error) {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  stop(
    taken
      ? `Port ${port} is taken: set SANDBOX_PORT to another one.`
      : `The sandbox does not start: ${error instanceof Error ? error.message : String(error)}`,
  );
}
