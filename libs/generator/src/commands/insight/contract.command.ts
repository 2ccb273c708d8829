import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readContract } from '@frontage/contracts';
import { brokenUses, prunedDocument, usersOf, type OperationUse } from '@frontage/contracts/used-contract';
import type { Command } from 'commander';
import { parse, stringify } from 'yaml';
import { CheckFailed, UsageError } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { fileChanges, filesText } from '../../terminal/command-result.js';
import { linesText } from '../../terminal/terminal.js';
import { isUrl } from '../../upstream/upstream-record.js';
import { readWithOverlays, usedUpstream } from '../../usage/described-apps.js';
import { findWorkspace } from '../../workspace/workspace.js';
import { checkFiles, writeFiles } from '../../workspace/write-files.js';

interface ContractFlags {
  readonly app?: string;
  readonly check?: string;
  readonly out?: string;
}

/** `frontage contract`: the part of a contract that the apps use. */
export function registerContract(program: Command, context: CommandContext): void {
  program
    .command('contract')
    .description('Print the part of a contract that BFFs use, with their names, or check another version against it')
    .argument('<upstream>', 'its name, or a file that this command has written')
    .option('--check <contract>', 'exit 1 where this contract (a file or a URL) no longer gives what BFFs use')
    .option('--out <file>', 'write it to a file of the workspace')
    .option('--app <app>', 'the upstream of one app')
    .addHelpText(
      'after',
      '\nExamples:\n  npx frontage contract orders --out contracts/orders.used.yaml\n  npx frontage contract orders.used.yaml --check openapi.yaml   (in the workspace of the upstream, without this one)',
    )
    .action(async (name: string, { app, check, out }: ContractFlags) => {
      if (check !== undefined && out !== undefined)
        throw new UsageError('--check and --out are two tasks: check against a contract, or write a file');
      const used = isFile(name) ? await readUsed(resolve(context.cwd, name), name) : await usedPart(name, app, context);
      if (check !== undefined) return checkContract(used, check, context);
      const text = stringify(used, { aliasDuplicateObjects: false, lineWidth: 0, singleQuote: true });
      if (out === undefined) return context.report({ text, data: { document: used } });
      const root = findWorkspace(context.cwd);
      const path = resolve(context.cwd, out);
      await checkFiles(root, [path]);
      const current = existsSync(path) ? await readFile(path, 'utf8') : undefined;
      if (current === text) return context.report({ text: `${out} is current: nothing has changed\n`, files: [] });
      if (current !== undefined && !current.includes('x-used-by'))
        throw new CheckFailed(`${out} is not a file of this command: nothing was written; choose another name`);
      const files = fileChanges(root, [path]);
      await writeFiles(root, new Map([[path, text]]));
      return context.report({ text: filesText(files), files });
    });
}

/** Texts of overlays that have to be applied before a contract is checked. */
const overlaysKey = 'x-frontage-overlays';

type UsedDocument = Readonly<Record<string, unknown>>;

const isFile = (name: string): boolean => /[/\\]|\.(?:ya?ml|json)$/.test(name);

/** The overlays go with it where the contract alone does not give what they promise. */
async function usedPart(name: string, app: string | undefined, context: CommandContext): Promise<UsedDocument> {
  const { contract, overlays, uses, path } = await usedUpstream(name, app, context);
  const document = prunedDocument(contract, uses satisfies readonly OperationUse[]);
  const bare = await readContract(path, { cwd: context.cwd, lint: false });
  const texts = overlays.map(({ text }) => text);
  return brokenUses(document, bare).length === 0 ? document : { ...document, [overlaysKey]: texts };
}

async function readUsed(path: string, shown: string): Promise<UsedDocument> {
  if (!existsSync(path)) throw new UsageError(`there is no file ${shown}`);
  const text = await readFile(path, 'utf8');
  if (!text.includes('x-used-by'))
    throw new UsageError(`${shown} has no x-used-by: it is not a file of frontage contract --out`);
  const document: unknown = parse(text);
  return typeof document === 'object' && document !== null ? { ...document } : {};
}

interface Caller {
  readonly bff: string;
  readonly screen: string;
  readonly owner?: string;
}

async function checkContract(used: UsedDocument, source: string, context: CommandContext): Promise<void> {
  const given = isUrl(source) ? source : resolve(context.cwd, source);
  if (!isUrl(source) && !existsSync(given)) throw new UsageError(`there is no file ${source}`);
  const texts = used[overlaysKey];
  const overlays = (Array.isArray(texts) ? texts : []).map((text, at) => ({
    file: `overlay ${at + 1}`,
    text: String(text),
  }));
  const { contract, faults } = await readWithOverlays(given, overlays, context.cwd);
  const broken = brokenUses(used, contract).map((change) => ({
    ...change,
    usedBy: usersOf(used, change).filter(isCaller),
  }));
  if (broken.length === 0) return context.report({ text: `${source} gives all that BFFs use\n`, data: { broken } });
  const lines = broken.flatMap(({ endpoint, subject, what, usedBy }) => [
    `${endpoint}: ${subject === '' ? what : `${subject} ${what}`}`,
    ...usedBy.map(({ bff, screen, owner }) => `  used by ${bff}, ${screen}${owner === undefined ? '' : `, ${owner}`}`),
  ]);
  const count = `${broken.length} ${broken.length === 1 ? 'change breaks' : 'changes break'} what BFFs use of ${contract.title}`;
  throw new CheckFailed(linesText([count, '', ...lines, ...faults]).trimEnd(), { broken });
}

const isCaller = (x: unknown): x is Caller =>
  typeof x === 'object' &&
  x !== null &&
  'bff' in x &&
  'screen' in x &&
  typeof x.bff === 'string' &&
  typeof x.screen === 'string';
