import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { createApiKey, isExpired, keysPerName, type ApiKeyRecord } from '@frontage/auth/api-key';
import { policyOf } from '../credentials/app-policy.js';
import { withKeys } from '../credentials/key-store.js';
import { newSigningKeys, rotatedSigningKeys } from '../credentials/signing-key-file.js';
import { UsageError, CheckFailed } from '../terminal/command.errors.js';
import type { CommandContext } from '../terminal/command-context.js';
import { linesText } from '../terminal/terminal.js';

interface CreateFlags {
  readonly name: string;
  readonly subject?: string;
  readonly scope?: string;
  readonly role?: string;
  readonly quota?: string;
  readonly expires?: string;
  readonly dryRun?: true;
}

/** `frontage keys`: the API keys of an app, and the keys that it signs with. */
export function registerKeys(program: Command, context: CommandContext): void {
  const keys = program
    .command('keys')
    .helpCommand(false)
    .description('Create, list and revoke API keys of a BFF; a key is shown once, only its hash is stored');
  keys
    .command('create')
    .description('Create a key. A partner has two valid keys at most: the old and the new one of a rotation')
    .argument('<app>', 'a folder of apps/')
    .requiredOption('--name <partner>', 'the partner that the key is for')
    .option('--subject <subject>', 'the subject of its callers (default: the name)')
    .option('--scope <scopes>', 'scopes, separated by spaces or commas')
    .option('--role <roles>', 'roles, separated by commas')
    .option('--quota <class>', 'rate class in place of the limits per caller of each route')
    .option('--expires <time>', 'days such as 90d, or a time such as 2027-01-31T00:00:00Z (default: never)')
    .option('--dry-run', 'check everything, and create no key')
    .addHelpText(
      'after',
      '\nExample:\n  npx frontage keys create partner --name acme --scope orders:read --expires 90d',
    )
    .action(async (app: string, flags: CreateFlags) => {
      const now = new Date();
      const config = policyOf(app, context.cwd);
      const { quota } = flags;
      if (quota !== undefined && !Object.hasOwn(config.rateClasses, quota))
        throw new UsageError(
          `--quota is ${JSON.stringify(quota)}: rateClasses has ${Object.keys(config.rateClasses).join(', ') || 'none'}`,
        );
      const expiresAt = expiryOf(flags.expires, now);
      await withKeys(config, async (store) => {
        const valid = validKeys(await store.read(), flags.name, now);
        if (valid.length >= keysPerName) {
          throw new CheckFailed(
            `${flags.name} has ${valid.length} valid keys already (${valid.map(({ id }) => id).join(', ')}): revoke one with "npx frontage keys revoke ${app} <id>"`,
          );
        }
        if (flags.dryRun === true) {
          const text = linesText([`Would create a key of ${flags.name} in ${store.place}.`, 'Nothing was written.']);
          return context.report({ text, isDryRun: true, data: {} });
        }
        const { key, record } = createApiKey(
          {
            name: flags.name,
            subject: flags.subject ?? flags.name,
            scopes: words(flags.scope),
            roles: words(flags.role),
            ...(quota !== undefined && { quota }),
            ...(expiresAt !== undefined && { expiresAt }),
          },
          now,
        );
        await store.add(record);
        const header = config.access?.apiKeys?.header ?? 'x-api-key';
        return context.report({
          text: linesText([
            key,
            `It is shown once. Its id is ${record.id}; a request sends it as "${header}".`,
            `Stored as a hash in ${store.place}.`,
          ]),
          data: { key, id: record.id },
        });
      });
    });
  keys
    .command('list')
    .description('List the keys of a BFF, without any secret')
    .argument('<app>', 'a folder of apps/')
    .addHelpText('after', '\nExample:\n  npx frontage keys list partner')
    .action((app: string) =>
      withKeys(policyOf(app, context.cwd), async (store) => {
        const now = Date.now();
        const records = await store.read();
        const shown = records.map((record) => ({ ...record, hash: undefined, isExpired: isExpired(record, now) }));
        context.report({
          text: linesText(shown.length === 0 ? ['no keys'] : shown.map(lineOf)),
          data: { keys: shown },
        });
      }),
    );
  keys
    .command('revoke')
    .description('Revoke a key; a running BFF refuses it after the time access.apiKeys.reload of its policy')
    .argument('<app>', 'a folder of apps/')
    .argument('<id>', 'the id of the key, as list shows it')
    .option('--dry-run', 'name the key, and revoke nothing')
    .addHelpText('after', '\nExample:\n  npx frontage keys revoke partner k-1')
    .action((app: string, id: string, { dryRun }: { readonly dryRun?: true }) =>
      withKeys(policyOf(app, context.cwd), async (store) => {
        const found = (await store.read()).find((record) => record.id === id);
        if (found === undefined)
          throw new CheckFailed(
            `there is no key ${JSON.stringify(id)} in ${store.place}: "npx frontage keys list ${app}" shows all`,
          );
        if (dryRun === true) {
          const text = linesText([`Would revoke the key ${id} of ${found.name}.`, 'Nothing was written.']);
          return context.report({ text, isDryRun: true, data: { id } });
        }
        await store.remove(id);
        return context.report({ text: linesText([`The key ${id} of ${found.name} is revoked.`]), data: { id } });
      }),
    );
  keys
    .command('signing')
    .description(
      'Write a file of keys that a BFF signs with: for userContext.keysFile, or privateKeyFile of credentials',
    )
    .argument('<file>', 'the file, a JWK set of private keys; only its owner may read it')
    .option('--rotate', 'the next key of the file signs from now on, and a new one is the next')
    .addHelpText('after', '\nExample:\n  npx frontage keys signing apps/mobile/user-context.jwks.json')
    .action(async (name: string, { rotate = false }: { readonly rotate?: boolean }) => {
      const file = resolve(context.cwd, name);
      if (!rotate && existsSync(file)) throw new CheckFailed(`${name} exists: "--rotate" changes its keys`);
      if (rotate && !existsSync(file)) throw new CheckFailed(`there is no file ${name}: make it without "--rotate"`);
      const made = rotate ? rotatedSigningKeys(await readFile(file, 'utf8'), name) : newSigningKeys();
      // A running app sees the old file or the new one, and no half of either.
      await writeFile(`${file}.new`, made.text, { mode: 0o600 });
      await rename(`${file}.new`, file);
      const [signs, next] = made.kids;
      context.report({
        text: linesText([`${name}: the key ${signs} signs, ${next} is the next one.`]),
        data: { file: name, kids: made.kids },
      });
    });
}

const words = (text = ''): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

const validKeys = (records: readonly ApiKeyRecord[], name: string, now: Date): readonly ApiKeyRecord[] =>
  records.filter((record) => record.name === name && !isExpired(record, now.getTime()));

function lineOf({
  id,
  name,
  scopes,
  roles,
  quota,
  createdAt,
  expiresAt,
  isExpired: isOver,
}: Omit<ApiKeyRecord, 'hash'> & { readonly isExpired: boolean }): string {
  const end = expiresAt === undefined ? 'never expires' : `${isOver ? 'expired' : 'expires'} ${expiresAt}`;
  const rights =
    [...scopes.map((scope) => `scope ${scope}`), ...roles.map((role) => `role ${role}`)].join(', ') || 'no scopes';
  return [id, name, rights, ...(quota === undefined ? [] : [`quota ${quota}`]), `created ${createdAt}`, end].join('  ');
}

/** RFC 3339. @throws UsageError for a time that is over, or no time */
function expiryOf(text: string | undefined, now: Date): string | undefined {
  if (text === undefined) return undefined;
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  const time = days === undefined ? Date.parse(text) : now.getTime() + Number(days) * 86_400_000;
  if (time > now.getTime()) return new Date(time).toISOString();
  throw new UsageError(
    `--expires is ${JSON.stringify(text)}: write days such as 90d, or a time to come such as 2027-01-31T00:00:00Z`,
  );
}
