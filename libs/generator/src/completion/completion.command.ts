import type { Command } from 'commander';
import { completions } from './completion-words.js';
import { shellScripts } from './shell-scripts.js';
import { shells } from './workspace-names.js';
import { meant } from '../dev/built-app.js';
import { UsageError } from '../terminal/command.errors.js';
import type { CommandContext } from '../terminal/command-context.js';
import { linesText } from '../terminal/terminal.js';

/** `frontage completion`: the script for a shell, and the command that this script asks on each press of the tab key. */
export function registerCompletion(program: Command, context: CommandContext): void {
  program
    .command('completion')
    .description('Print a script that completes commands, options and names of the workspace in a shell')
    .argument('<shell>', `one of ${shells.join(', ')}`)
    .addHelpText(
      'after',
      `
Examples:
  source <(npx frontage completion bash)        in ~/.bashrc
  source <(npx frontage completion zsh)         in ~/.zshrc, after compinit
  npx frontage completion fish > ~/.config/fish/completions/frontage.fish`,
    )
    .action((name: string) => {
      const shell = shells.find((one) => one === name);
      if (shell === undefined)
        throw new UsageError(`there is no completion for the shell ${name}${meant(name, shells)}`);
      const script = shellScripts[shell];
      context.report({ text: script, data: { shell, script } });
    });

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: readonly string[]) => {
      const found = await completions(program, words, context.cwd);
      context.report({ text: linesText(found), data: { found } });
    });
}
