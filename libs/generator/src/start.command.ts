import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Processes } from './processes.js';
import { requestLine } from './request-line.js';
import { appScript, checkPorts, sandboxPort, startSandbox } from './sandbox-world.js';
import { fetchToken } from './token.js';
import { findWorkspace, listApps, type AppFolder } from './workspace.js';

export function registerStart(program: Command): void {
  program
    .command('start')
    .description('start the sandbox and every BFF of the workspace, and say what to try')
    .action(async () => {
      await start(findWorkspace(process.cwd()), process.env);
    });
}

async function start(root: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (env['NODE_ENV'] === 'production') {
    throw new Error(
      '`frontage start` points every BFF at the sandbox, which never runs with NODE_ENV=production: start apps/<name>/dist/main.js',
    );
  }
  const apps = listApps(root, env);
  const missing = [join(root, 'libs/sandbox/dist/main.js'), ...apps.map(appScript)].find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`${missing} is missing: run \`npm run build\` first`);
  await checkPorts([
    ['the sandbox', sandboxPort(env)],
    ...apps.flatMap((app) => [
      [app.name, app.port] as const,
      [`the admin port of ${app.name}`, app.adminPort] as const,
    ]),
  ]);

  const processes = new Processes();
  let stopping = false;
  const stop = async (code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await processes.stop();
    process.exit(code);
  };
  process.on('SIGINT', () => void stop(0));
  process.on('SIGTERM', () => void stop(0));
  processes.onExit = (name, code) => {
    process.stderr.write(`${name} ended by itself (code ${String(code)}); stopping the others\n`);
    void stop(1);
  };

  try {
    const world = await startSandbox(root, processes, env);
    const urls = await Promise.all(
      apps.map(async (app) => {
        const started = await processes.start({
          name: app.name,
          script: appScript(app),
          cwd: app.folder,
          env: world.env,
          onLine: (line) => process.stdout.write(requestLine(app.name, line)),
        });
        return { app, url: String(started.ready['url']), adminUrl: String(started.ready['adminUrl']) };
      }),
    );
    process.stdout.write(table(world.url, urls));
    process.stdout.write(await suggestions(world.url, urls));
  } catch (cause) {
    if (!stopping) {
      process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
      await stop(1);
    }
  }
}

interface Address {
  readonly app: AppFolder;
  readonly url: string;
  readonly adminUrl: string;
}

function table(sandbox: string, addresses: readonly Address[]): string {
  const rows = [
    ['', 'address', 'reference', 'metrics'],
    ['sandbox', sandbox, '', ''],
    ...addresses.map(({ app, url, adminUrl }) => [app.name, url, `${adminUrl}/docs`, `${adminUrl}/metrics`]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return `\n${rows
    .map(
      (row) =>
        `  ${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('   ')
          .trimEnd()}`,
    )
    .join('\n')}\n\n`;
}

/** Three lines to paste, each with a token of its own that works for an hour. */
async function suggestions(sandbox: string, addresses: readonly Address[]): Promise<string> {
  const wanted = [
    { app: 'mobile', path: '/home', user: 'ada', scope: 'home:read' },
    { app: 'web', path: '/search?q=lamp', user: 'grace', scope: 'catalogue:read' },
    { app: 'partner', path: '/v1/products?limit=2', user: 'linus', scope: 'catalogue:read' },
  ];
  const lines = await Promise.all(
    wanted.map(async ({ app, path, user, scope }) => {
      const address = addresses.find((candidate) => candidate.app.name === app);
      if (address === undefined) return [];
      const token = await fetchToken(`${sandbox}/issuer`, {
        user,
        scopes: [scope],
        audience: `${app}-bff`,
        expiresInSeconds: 3600,
      });
      return [`  curl -s -H 'authorization: Bearer ${token}' '${address.url}${path}'`];
    }),
  );
  return `Try (tokens of the sandbox, good for an hour; more with \`npx frontage token --help\`):\n\n${lines.flat().join('\n\n')}\n\nCtrl-C ends everything.\n\n`;
}
