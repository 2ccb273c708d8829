import type { Command } from 'commander';
import type { CommandContext } from '../terminal/command-context.js';
import { linesText } from '../terminal/terminal.js';
import { fetchToken } from '../dev/token.js';

interface TokenFlags {
  readonly user: string;
  readonly scope?: string;
  readonly audience?: string;
  readonly role?: string;
  readonly issuer: string;
}

export function registerToken(program: Command, context: CommandContext): void {
  program
    .command('token')
    .description('Print an access token of the running sandbox')
    .requiredOption('--user <name>', 'its user: ada, grace and linus have data in the sandbox')
    .option('--scope <scopes>', 'scopes, separated by spaces or commas, for example home:read')
    .option('--role <roles>', 'roles, separated by commas')
    .option('--audience <name>', 'its BFF, such as mobile-bff (default: every BFF of the workspace)')
    .option('--issuer <url>', 'the issuer', `http://127.0.0.1:${process.env['SANDBOX_PORT'] ?? '4100'}/issuer`)
    .addHelpText('after', '\nExample:\n  npx frontage token --user ada --scope home:read')
    .action(async (options: TokenFlags) => {
      const token = await fetchToken(options.issuer, {
        user: options.user,
        scopes: words(options.scope),
        roles: words(options.role),
        ...(options.audience !== undefined && { audience: options.audience }),
      });
      context.report({ text: linesText([token]), data: { token } });
    });
}

const words = (text = ''): string[] => text.split(/[\s,]+/).filter((word) => word !== '');
