import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import type { Command } from 'commander';
import { endTogether, Processes } from '../dev/processes.js';
import type { CommandContext } from '../terminal/command-context.js';
import { linesText } from '../terminal/terminal.js';
import { requestLine } from '../dev/request-line.js';
import { appFlags, appScript, checkPorts, sandboxOf, sandboxPort, startSandbox } from '../dev/sandbox-world.js';
import { loginPage, runningApp, tryLine, type RunningApp } from '../dev/try-line.js';
import { findWorkspace, listApps } from '../workspace/workspace.js';

export function registerStart(program: Command, context: CommandContext): void {
  program
    .command('start')
    .description('Start the sandbox and every BFF of the workspace, and print requests to try')
    .addHelpText(
      'after',
      `
Ports come from each bff.yaml; SANDBOX_PORT and, for an app tv, TV_PORT and TV_ADMIN_PORT change them.

Examples:
  npm start
  SANDBOX_PORT=4200 npm start`,
    )
    .action(async () => {
      await start(findWorkspace(context.cwd), process.env, context);
    });
}

async function start(root: string, env: NodeJS.ProcessEnv, context: CommandContext): Promise<void> {
  if (env['NODE_ENV'] === 'production') {
    throw new Error(
      '`frontage start` points every BFF at the sandbox, which never runs with NODE_ENV=production: start apps/<name>/dist/main.js',
    );
  }
  const apps = listApps(root, env);
  if (apps.length === 0) throw new Error('there is no app yet: npx frontage new web --client web');
  const missing = [sandboxOf(root), ...apps.map(appScript)].find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`${relative(root, missing)} is missing: run \`npm run build\` first`);
  await checkPorts('npm start', [
    ['the sandbox', sandboxPort(env)],
    ...apps.flatMap((app) => [
      [app.name, app.port] as const,
      [`the admin port of ${app.name}`, app.adminPort] as const,
    ]),
  ]);

  context.write(linesText([`Starting the sandbox, ${apps.map(({ name }) => name).join(', ')}`]));
  const processes = new Processes((text) => context.writeError(text));
  const end = endTogether(processes);
  processes.onExit = (name, code) => {
    context.writeError(`${name} ended by itself (code ${String(code)}); stopping the others\n`);
    void end(1);
  };
  try {
    const world = await startSandbox(root, processes, env);
    const running = await Promise.all(
      apps.map(async (app) => {
        const { ready } = await processes.start({
          name: app.name,
          script: appScript(app),
          args: appFlags(apps.length),
          cwd: app.folder,
          env: world.envFor(app.name),
          onLine: (line) => context.writeStyled(requestLine(app.name, line)),
        });
        return runningApp(app.name, ready);
      }),
    );
    const lines = await Promise.all(running.map((app) => tryLine(app, `${world.url}/issuer`)));
    const pages = await Promise.all(running.map(loginPage));
    const shown = running.map((app, index) => ({ ...app, try: lines[index] }));
    const data = { sandbox: world.url, apps: shown };
    context.report({ text: welcome(world.url, running, lines, pages), data, isOneLine: true });
  } catch (cause) {
    if (!processes.areEnding) context.writeError(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    await end(1);
  }
}

/** The table of addresses, and lines to paste into a terminal. */
function welcome(
  sandbox: string,
  apps: readonly RunningApp[],
  lines: readonly (string | undefined)[],
  pages: readonly (string | undefined)[],
): string {
  const rows = [
    ['', 'address', 'page', 'reference', 'metrics'],
    ['sandbox', sandbox, '', '', ''],
    ['issuer', `${sandbox}/issuer`, '', '', ''],
    ...apps.map(({ name, url, adminUrl }) => [
      name,
      url,
      adminUrl === undefined ? '' : `${adminUrl}/`,
      adminUrl === undefined ? '' : `${adminUrl}/docs`,
      adminUrl === undefined ? '' : `${adminUrl}/metrics`,
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('   ')}`.trimEnd());
  const tries = lines.flatMap((line) => (line === undefined ? [] : [`  ${line}\n\n`]));
  const logins = pages.flatMap((page) => (page === undefined ? [] : [`  ${page}\n`]));
  const browsers = logins.length === 0 ? '' : `In a browser, as a user of the sandbox:\n\n${logins.join('')}\n`;
  return `
${table.join('\n')}

Try (the tokens are from the sandbox and valid for an hour; more with \`npx frontage token --help\`):

${tries.join('')}${browsers}Ctrl-C ends everything.

`;
}
