import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { findApp } from '../../dev/built-app.js';
import { sdkFiles } from '../../sdk/sdk-files.js';
import { CheckFailed, UsageError } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { writeGenerated } from '../../workspace/generated-folder.js';
import { findWorkspace } from '../../workspace/workspace.js';

interface SdkFlags {
  readonly out: string;
  readonly hooks?: true;
  readonly imports: string;
  readonly check?: true;
  readonly dryRun?: true;
}

export const importEnds: ReadonlyMap<string, string> = new Map([
  ['js', '.js'],
  ['ts', '.ts'],
  ['none', ''],
]);

/** `frontage sdk`: the typed client of a BFF, for its frontend. */
export function registerSdk(program: Command, context: CommandContext): void {
  program
    .command('sdk')
    .description(
      'Write the typed client of a BFF for its frontend: partial responses are a case that the compiler asks for',
    )
    .argument('<bff>', 'a folder of apps/')
    .requiredOption('--out <folder>', 'a folder of the frontend, in this workspace or elsewhere')
    .option('--hooks', 'also write the hooks of TanStack Query for React')
    .option('--imports <end>', 'the end of imports between the files: js, ts or none', 'js')
    .option('--check', 'write nothing; exit 1 where a file is not current')
    .option('--dry-run', 'list the files, and write nothing')
    .addHelpText(
      'after',
      `
The client is made from openapi.gen.json of the app: the same document gives the same bytes. docs/sdk.md explains it.

Example:
  npx frontage sdk mobile --out ../shop-app/src/bff`,
    )
    .action(async (name: string, flags: SdkFlags) => {
      const root = findWorkspace(context.cwd);
      const document = committedDocument(findApp(root, name));
      const importEnd = importEnds.get(flags.imports);
      if (importEnd === undefined) throw new UsageError(`--imports ${flags.imports} is none of js, ts and none`);
      const { files, client, leftOut, named } = await sdkFiles({
        document,
        bff: name,
        hasHooks: flags.hooks === true,
        importEnd,
      });
      context.report(
        await writeGenerated(
          {
            command: 'frontage sdk',
            root,
            out: flags.out,
            files,
            isCheck: flags.check === true,
            isDryRun: flags.dryRun === true,
            notes: leftOut.map(({ endpoint, reason }) => `Left out ${endpoint}: ${reason}`),
            next: [{ type: `import { create${client} } from './${name}.gen${importEnd}'`, why: 'in the frontend' }],
            data: {
              sdk: {
                app: name,
                client: `create${client}`,
                operations: [...named.values()].map((one) => one.name),
                leftOut,
              },
            },
          },
          context,
        ),
      );
    });
}

/** The committed document of an app. @throws {CheckFailed} where it has none */
export function committedDocument({ name, folder }: { readonly name: string; readonly folder: string }): string {
  const path = join(folder, 'openapi.gen.json');
  if (existsSync(path)) return path;
  throw new CheckFailed(`apps/${name}/openapi.gen.json is missing. Run: npx frontage accept ${name}`);
}
