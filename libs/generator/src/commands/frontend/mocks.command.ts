import type { Command } from 'commander';
import { compiledApp, findApp } from '../../dev/built-app.js';
import { mocksFiles } from '../../mocks/mocks-files.js';
import { UsageError } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { Progress } from '../../terminal/progress.js';
import { writeGenerated } from '../../workspace/generated-folder.js';
import { findWorkspace } from '../../workspace/workspace.js';
import { committedDocument, importEnds } from './sdk.command.js';

interface MocksFlags {
  readonly out: string;
  readonly msw?: true;
  readonly imports: string;
  readonly check?: true;
  readonly dryRun?: true;
}

/** `frontage mocks`: every state of every screen, for the tests and the stories of a frontend. */
export function registerMocks(program: Command, context: CommandContext): void {
  program
    .command('mocks')
    .description('Write every state of the screens of a BFF as mocks: complete, without each part, with each problem')
    .argument('<bff>', 'a folder of apps/')
    .requiredOption('--out <folder>', 'the folder of `frontage sdk`')
    .option('--msw', 'also write the handlers of MSW 3')
    .option('--imports <end>', 'the end of imports between the files: js, ts or none', 'js')
    .option('--check', 'write nothing; exit 1 where a file is not current')
    .option('--dry-run', 'list the files, and write nothing')
    .addHelpText(
      'after',
      `
The sandbox and the app are started on free ports, and asked for each state with X-Frontage-Scenario. docs/mocks.md explains it.

Example:
  npx frontage mocks mobile --out ../shop-app/src/bff --msw`,
    )
    .action(async (name: string, flags: MocksFlags) => {
      const root = findWorkspace(context.cwd);
      const app = findApp(root, name);
      const document = committedDocument(app);
      const importEnd = importEnds.get(flags.imports);
      if (importEnd === undefined) throw new UsageError(`--imports ${flags.imports} is none of js, ts and none`);
      await compiledApp(root, app, context);
      const progress = new Progress(context.progress, name);
      progress.stage('asking for every state');
      const mocks = await mocksFiles({
        root,
        app,
        document,
        importEnd,
        hasMsw: flags.msw === true,
        env: process.env,
      }).finally(() => progress.end());
      const { client, screens, notes } = mocks;
      const start = client.charAt(0).toLowerCase() + client.slice(1);
      const states = screens.map((one) => ({
        screen: one.name,
        states: ['complete', ...[...one.parts.keys()].map((part) => `${part}=<reason>`), ...one.problems.keys()],
      }));
      context.report(
        await writeGenerated(
          {
            command: 'frontage mocks',
            root,
            out: flags.out,
            files: mocks.files,
            isCheck: flags.check === true,
            isDryRun: flags.dryRun === true,
            notes: notes.map(({ endpoint, reason }) => `${endpoint}: ${reason}`),
            next: [{ type: `import { ${start}Fetch } from './${name}.mocks.gen${importEnd}'`, why: 'in a test' }],
            data: { mocks: { app: name, screens: states, notes } },
          },
          context,
        ),
      );
    });
}
