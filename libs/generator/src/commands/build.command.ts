import { relative } from 'node:path';
import type { Command } from 'commander';
import { findApp } from '../dev/built-app.js';
import { compile } from '../dev/compile.js';
import { CheckFailed } from '../terminal/command.errors.js';
import type { CommandContext } from '../terminal/command-context.js';
import { findWorkspace } from '../workspace/workspace.js';

/** `frontage build`: builds apps with the libs that they use, and nothing else. */
export function registerBuild(program: Command, context: CommandContext): void {
  program
    .command('build')
    .description('Build apps and the libs that they use; a mistake in another app does not matter')
    .argument('[apps...]', 'folders of apps/ (default: everything)')
    .addHelpText('after', '\nExample:\n  npx frontage build tv')
    .action(async (names: readonly string[]) => {
      const root = findWorkspace(context.cwd);
      const folders = names.map((name) => relative(root, findApp(root, name).folder));
      if (!(await compile(root, folders, context, { showsProgress: true })))
        throw new CheckFailed('not built: correct the errors above');
      // The compiler has said so already.
      context.report({ text: '', data: { built: names.length === 0 ? 'everything' : names } });
    });
}
