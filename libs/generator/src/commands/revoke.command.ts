import type { Command } from 'commander';
import { Revocations, type Revocation } from '@frontage/auth/revocations';
import { terminalLine } from '@frontage/contracts/terminal-text';
import { systemClock } from '@frontage/core';
import { policyOf, withStore } from '../credentials/app-policy.js';
import { CheckFailed, UsageError } from '../terminal/command.errors.js';
import type { CommandContext } from '../terminal/command-context.js';
import { linesText } from '../terminal/terminal.js';

interface RevokeFlags {
  readonly subject?: string;
  readonly id?: string;
  readonly issuedBefore?: string;
  readonly admin?: string;
  readonly dryRun?: true;
}

/** `frontage revoke`: a running BFF refuses credentials that are good by themselves. */
export function registerRevoke(program: Command, context: CommandContext): void {
  program
    .command('revoke')
    .description('Make a running BFF refuse credentials: through its Redis, or else through its admin port')
    .argument('<app>', 'a folder of apps/')
    .option('--subject <subject>', 'all credentials of this caller that were issued before now')
    .option('--id <id>', 'one token by its "jti", or one API key by its id')
    .option('--issued-before <time>', 'all tokens issued before this time: now, or 2026-11-30T08:00:00Z')
    .option(
      '--admin <url>',
      'the admin port, where the BFF has no Redis (default: adminPort of its policy on this machine)',
    )
    .option('--dry-run', 'say where it would be told, and revoke nothing')
    .addHelpText(
      'after',
      `
The admin port wants the token admin.token of the policy; this command takes it from FRONTAGE_ADMIN_TOKEN.

Examples:
  npx frontage revoke mobile --subject ada
  npx frontage revoke mobile --issued-before now`,
    )
    .action(async (app: string, flags: RevokeFlags) => {
      const body = bodyOf(flags);
      const config = policyOf(app, context.cwd);
      const isInRedis = config.redis !== undefined && flags.admin === undefined;
      const admin = flags.admin ?? `http://127.0.0.1:${config.listen.adminPort}`;
      if (flags.dryRun === true) {
        revocationOf(body);
        const place = isInRedis ? 'its Redis' : `its admin port at ${admin}`;
        const text = linesText([`Would tell ${app} through ${place}.`, 'Nothing was revoked.']);
        return context.report({ text, isDryRun: true, data: { revoked: body } });
      }
      if (isInRedis) {
        const keepMs = config.access?.revocationKeepMs ?? 86_400_000;
        await withStore(config, async ({ store }) => {
          const table = store.table('revocations');
          await new Revocations({ keepMs, table, clock: systemClock }).revoke(revocationOf(body));
        });
      } else {
        await tellAdmin(admin, body, config.admin.token);
      }
      return context.report({ text: linesText([`${app} refuses it now.`]), data: { revoked: body } });
    });
}

function bodyOf({ subject, id, issuedBefore }: RevokeFlags): Readonly<Record<string, string>> {
  const given = Object.entries({ subject, id, issuedBefore }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  if (given.length !== 1) throw new UsageError('write one of --subject, --id and --issued-before');
  return Object.fromEntries(given);
}

/** @throws UsageError for a text that is no time */
function revocationOf({ subject, id, issuedBefore = '' }: Readonly<Record<string, string>>): Revocation {
  if (subject !== undefined) return { subject };
  if (id !== undefined) return { id };
  const time = issuedBefore === 'now' ? Date.now() : Date.parse(issuedBefore);
  if (Number.isNaN(time))
    throw new UsageError(`--issued-before is ${JSON.stringify(issuedBefore)}: write now, or 2026-11-30T08:00:00Z`);
  return { issuedBefore: time };
}

/** @throws CheckFailed where it cannot be reached, or refuses */
async function tellAdmin(
  admin: string,
  body: Readonly<Record<string, string>>,
  ofPolicy: string | undefined,
): Promise<void> {
  const token = process.env['FRONTAGE_ADMIN_TOKEN'] ?? ofPolicy;
  const response = await fetch(`${admin}/revocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  }).catch((cause: unknown) => {
    throw new CheckFailed(`no admin port listens at ${admin}: start the BFF, or name its port with --admin`, { cause });
  });
  if (!response.ok)
    throw new CheckFailed(
      `the admin port at ${admin} refused (${response.status}): ${terminalLine(await response.text())}`,
    );
}
