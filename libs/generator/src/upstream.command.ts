import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { formatLocation, type ContractDocument } from '@frontage/contracts';
import type { Command } from 'commander';
import { CheckFailed, UsageError } from './command.errors.js';
import type { CommandContext } from './program.js';
import { upstreamFiles } from './upstream-files.js';
import { contractFile, UpstreamFolders } from './upstream-folders.js';
import { staleFiles, writeFiles } from './write-files.js';

interface UpstreamOptions {
  readonly app?: string;
  readonly allowRemote?: true;
  readonly check?: true;
}

interface Target {
  readonly name: string;
  readonly app?: string;
  readonly source: string;
}

function target(name: string, source: string, app: string | undefined): Target {
  return app === undefined ? { name, source } : { name, source, app };
}

/** `frontage upstream`: contracts in, typed operations out. */
export function registerUpstream(program: Command, context: CommandContext): void {
  const upstream = program
    .command('upstream')
    .helpCommand(false)
    .description('Contracts of the services behind the BFFs, and what is generated from them');

  upstream
    .command('add')
    .description('Bundle an OpenAPI document into the workspace and generate its typed operations')
    .argument('<name>', 'how apps and bff.yaml call it, such as orders')
    .argument('<file>', 'OpenAPI 3.x or Swagger 2.0, YAML or JSON, one file or many')
    .option('--app <app>', 'for one app only: apps/<app>/upstreams')
    .option('--allow-remote', 'follow references to other hosts')
    .option('--check', 'write nothing; exit 1 where files are not current')
    .action(async (name: string, file: string, options: UpstreamOptions) => {
      const source = resolve(context.cwd, file);
      if (!existsSync(source)) throw new UsageError(`there is no file ${file}`);
      await run([target(name, source, options.app)], options, context);
    });

  upstream
    .command('update')
    .description('Generate again from the stored contracts, after one was edited')
    .argument('[names...]', 'which; all where left out')
    .option('--app <app>', 'those of one app')
    .option('--check', 'write nothing; exit 1 where files are not current')
    .action(async (names: string[], options: UpstreamOptions) => {
      await run(await storedTargets(names, options.app, context), options, context);
    });

  upstream
    .command('list')
    .description('The upstreams of this workspace')
    .action(async () => {
      const workspace = UpstreamFolders.find(context.cwd);
      const all = await workspace.allUpstreams();
      const lines = all.map(({ name, app }) => `${name.padEnd(20)} ${workspace.show(workspace.upstream(name, app))}\n`);
      context.write(lines.length === 0 ? 'No upstreams yet: frontage upstream add <name> <file>\n' : lines.join(''));
    });

  upstream
    .command('remove')
    .description('Delete the contract and the generated files of an upstream')
    .argument('<name>')
    .option('--app <app>', 'that of one app')
    .action(async (name: string, options: UpstreamOptions) => {
      const workspace = UpstreamFolders.find(context.cwd);
      const folder = workspace.upstream(name, options.app);
      if (!existsSync(join(folder, contractFile))) throw new UsageError(`there is no upstream ${name}`);
      // Only what was put there: a file that somebody else left in the folder stays.
      for (const file of [contractFile, `${name}.gen.ts`, 'schemas.gen.ts'])
        await rm(join(folder, file), { force: true });
      context.write(`removed ${workspace.show(folder)}\n`);
    });
}

async function storedTargets(
  names: readonly string[],
  app: string | undefined,
  context: CommandContext,
): Promise<Target[]> {
  const workspace = UpstreamFolders.find(context.cwd);
  const all = await workspace.allUpstreams();
  const wanted = all.filter(
    (each) => (app === undefined || each.app === app) && (names.length === 0 || names.includes(each.name)),
  );
  const missing = names.find((name) => !wanted.some((each) => each.name === name));
  if (missing !== undefined) {
    throw new UsageError(
      `there is no upstream ${missing}; known are ${all.map(({ name }) => name).join(', ') || 'none'}`,
    );
  }
  return wanted.map(({ name, app }) => target(name, join(workspace.upstream(name, app), contractFile), app));
}

async function run(targets: readonly Target[], options: UpstreamOptions, context: CommandContext): Promise<void> {
  const workspace = UpstreamFolders.find(context.cwd);
  const stale: string[] = [];
  for (const { name, app, source } of targets) {
    const folder = workspace.upstream(name, app);
    const read = { cwd: context.cwd, ...(options.allowRemote === true ? { allowRemote: true } : {}) };
    const { contract, files } = await upstreamFiles(name, source, folder, read);
    const isHopeless = contract.operations.length === 0 && contract.refused.length > 0;
    const changed = options.check === true || isHopeless ? await staleFiles(files) : await writeFiles(files);
    if (options.check === true) stale.push(...changed);
    context.write(report(name, contract, options.check === true ? [] : changed.map((path) => workspace.show(path))));
    if (isHopeless)
      throw new CheckFailed(`${name}: no operation of the contract can be generated; nothing was written`);
  }
  if (stale.length === 0) return;
  const list = stale.map((path) => `  ${workspace.show(path)}\n`).join('');
  throw new CheckFailed(`not current:\n${list}Run: npx frontage upstream update`);
}

/** One line per upstream, refused operations by name, warnings by kind: a thousand of them must not hide one. */
function report(name: string, contract: ContractDocument, changed: readonly string[]): string {
  const { operations, refused, warnings } = contract;
  const total = operations.length + refused.length;
  const count = refused.length === 0 ? `${total} operations` : `${operations.length} of ${total} operations`;
  const lines = [`${name}: ${contract.title} ${contract.version}, ${count}`];
  for (const each of refused)
    lines.push(`  refused ${each.method} ${each.path}\n    ${formatLocation(each)}: ${each.reason}`);
  for (const [rule, group] of Map.groupBy(warnings, (warning) => warning.rule)) {
    const [first] = group;
    if (first === undefined) continue;
    lines.push(
      `  warning ${formatLocation(first)}: ${first.message}${group.length === 1 ? '' : ` (and ${group.length - 1} more of ${rule})`}`,
    );
  }
  for (const path of changed) lines.push(`  wrote ${path}`);
  return `${lines.join('\n')}\n`;
}
