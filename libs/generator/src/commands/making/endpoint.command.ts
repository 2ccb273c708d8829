import { join } from 'node:path';
import type { Command } from 'commander';
import type { PlannedEndpoint } from '../../endpoint/endpoint.js';
import type { EndpointRequest } from '../../endpoint/endpoint-request.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { UsageError } from '../../terminal/command.errors.js';
import { fileChanges, filesText, nextText, type FileChange, type NextStep } from '../../terminal/command-result.js';
import { Progress } from '../../terminal/progress.js';
import { linesText } from '../../terminal/terminal.js';
import { appPorts, findWorkspace } from '../../workspace/workspace.js';

interface EndpointFlags {
  readonly calls?: readonly string[];
  readonly optional?: readonly string[];
  readonly method?: string;
  readonly path?: string;
  readonly scope?: string;
  readonly dryRun?: true;
}

const namesOf = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
];

/** `frontage endpoint`: a screen over operations of the contracts, with its controller and its test. */
export function registerEndpoint(program: Command, context: CommandContext): void {
  program
    .command('endpoint')
    .description('Add a screen to an app: controller, screen and test, made from operations of the contracts')
    .argument('[endpoint]', 'the app and a name for the screen: tv/profile')
    .option('--calls <operations>', 'what it calls, in order: users.getUser,orders.listOrders', namesOf)
    .option('--optional <operations>', 'calls that the screen can do without: content.listBanners', namesOf)
    .option(
      '--method <method>',
      'GET, POST, PUT, PATCH or DELETE (default: GET, or POST where a call changes something)',
    )
    .option('--path <path>', 'its path, /profile/:id (default: the name, with the parameters that the calls need)')
    .option('--scope <scope>', 'the scope that a token needs (default: profile:read, profile:write)')
    .option('--dry-run', 'list the files that would be written, and write nothing')
    .addHelpText(
      'after',
      `
In a terminal, it asks for what the options do not say. Existing code is kept: it adds lines, and never replaces one.

Examples:
  npx frontage endpoint tv/profile --calls users.getUser,orders.listOrders
  npx frontage endpoint tv/orders --calls orders.getOrder --optional shipping.getParcel --path /orders/:id`,
    )
    .action(async (target: string | undefined, flags: EndpointFlags) => {
      const root = findWorkspace(context.cwd);
      const request = await completeRequest(root, target, flags, context);
      const progress = new Progress(context.progress, 'endpoint');
      try {
        progress.stage('reading contracts');
        const { requestedScreen } = await import('../../endpoint/endpoint-request.js');
        const { checkNothingLost, endpointFiles, withAppRecord } = await import('../../endpoint/endpoint.js');
        const planned = await endpointFiles(root, await requestedScreen(root, request));
        await checkNothingLost(root, planned);
        const endpoint = await withAppRecord(root, planned);
        const { staleFiles, writeFiles } = await import('../../workspace/write-files.js');
        const stale = await staleFiles(endpoint.files);
        const files = fileChanges(root, stale);
        const isDryRun = flags.dryRun === true;
        if (!isDryRun) await writeFiles(root, endpoint.files);
        progress.end();
        const { port } = appPorts(
          { name: endpoint.screen.app, folder: join(root, 'apps', endpoint.screen.app) },
          {},
        ).port;
        report(context, { endpoint, files, isDryRun, port });
      } finally {
        progress.end();
      }
    });
}

async function completeRequest(
  root: string,
  target: string | undefined,
  { calls, optional, method, path, scope }: EndpointFlags,
  context: CommandContext,
): Promise<EndpointRequest> {
  const given = {
    ...(target !== undefined && { target }),
    ...(calls !== undefined && { calls }),
    ...(optional !== undefined && { optional }),
    ...(method !== undefined && { method }),
    ...(path !== undefined && { path }),
    ...(scope !== undefined && { scope }),
  };
  const hasCalls = calls !== undefined || optional !== undefined;
  if (target !== undefined && hasCalls) return { ...given, target, calls: calls ?? [], optional: optional ?? [] };
  if (context.isInteractive && !context.isJson) {
    const { askEndpoint } = await import('../../endpoint/ask-endpoint.js');
    const { terminalPrompter } = await import('../../terminal/terminal-prompter.js');
    return askEndpoint(root, given, await terminalPrompter(context.questions));
  }
  const missing = [
    ...(target === undefined ? ['the endpoint (<app>/<screen>, such as tv/profile)'] : []),
    ...(hasCalls ? [] : ['--calls (such as --calls users.getUser,orders.listOrders)']),
  ];
  throw new UsageError(`missing: ${missing.join(' and ')}. In a terminal, npx frontage endpoint asks for them.`);
}

interface Made {
  readonly endpoint: PlannedEndpoint;
  readonly files: readonly FileChange[];
  readonly isDryRun: boolean;
  readonly port: number;
}

function report(context: CommandContext, { endpoint, files, isDryRun, port }: Made): void {
  const { screen, request, files: planned, byHand, open } = endpoint;
  const { app, name, method, path, scope, parts } = screen;
  const next = files.length === 0 || isDryRun ? [] : nextSteps(screen.app, open.length > 0);
  const data = {
    endpoint: {
      app,
      screen: name,
      method,
      path,
      scope,
      calls: parts.map(({ name: part, verb, operation }) => ({
        part,
        operation: `${operation.client.name}.${operation.name}`,
        verb,
      })),
      open,
      byHand,
      try: request.path,
    },
  };
  const what = `${method} ${path}, the screen ${name} of ${app}`;
  const todo = [...open, ...byHand];
  const todoText = todo.length === 0 ? '' : `\nWrite by hand:\n\n${linesText(todo.map((line) => `  ${line}`))}`;
  const text =
    files.length === 0
      ? `${what}: nothing has changed, ${planned.size} files are current\n${todoText}`
      : isDryRun
        ? `Would make ${what}:\n\n${filesText(files)}${todoText}\nNothing was written.\n`
        : `Made ${what}:\n\n${filesText(files)}${todoText}\n${nextText(next)}\n${tryText(screen, request, port)}`;
  context.report({ text, files, isDryRun, next, data });
}

const nextSteps = (app: string, isOpen: boolean): NextStep[] => [
  ...(isOpen ? [{ type: `npx frontage build ${app}`, why: 'names what is still to be written' }] : []),
  { type: `npm run dev -- ${app}`, why: `the sandbox and ${app}, rebuilt on save` },
  { type: `npm test -- apps/${app} -u`, why: 'its tests, and the table of its routes (routes.gen.md)' },
  { type: `npx frontage accept ${app}`, why: 'the promise to its clients (openapi.gen.json)' },
];

function tryText(
  { app, method, scope }: PlannedEndpoint['screen'],
  request: PlannedEndpoint['request'],
  port: number,
): string {
  const { path, headers, body, form } = request;
  const token = `npx frontage token --user ada --scope ${scope} --audience ${app}-bff`;
  // The first file is what the shell writes; others are files that the reader names.
  const files = (form?.files ?? []).map(
    ({ name, fileName, type }, index) => `${name}=@${index === 0 ? `-;filename=${fileName}` : fileName};type=${type}`,
  );
  const fields = [
    ...(form?.texts ?? []).map(([name, text]) => `--form-string ${quoted(`${name}=${text}`)}`),
    ...files.map((file) => `-F ${quoted(file)}`),
  ];
  const words = [
    ...(files.length === 0 ? [] : ["printf 'a file' |"]),
    'curl -s',
    ...(method === 'GET' || (method === 'POST' && fields.length > 0) ? [] : [`-X ${method}`]),
    `-H "authorization: Bearer $(${token})"`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`-H 'content-type: application/json' -d ${quoted(JSON.stringify(body))}`]),
    ...fields,
    quoted(`http://127.0.0.1:${port}${path}`),
  ];
  return `While it runs:\n\n  ${words.join(' ')}\n`;
}

/** As one word of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
