import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { sourceArguments } from '@frontage/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asProject, compile, workspace } from './compile.js';
import { inheritanceUse } from './uses/inheritance.js';
import { namesUse } from './uses/names.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'types-'));
  await mkdir(join(folder, 'libs/upstreams'), { recursive: true });
  await asProject(folder, ['use-*.ts', 'libs/upstreams/*/*.gen.ts']);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Every line below `@ts-expect-error` must not compile, all others must. */
const use = `
import { Readable } from 'node:stream';
import { FilePart, type Operation } from '@frontage/clients';
import { plan, write } from '@frontage/aggregation';
import { getKinds, readLines, sendFiles, sendRaw, writeUser } from './libs/upstreams/kinds/kinds.gen.js';

type In<O> = O extends Operation<infer I, infer _O, infer _E, infer _M> ? I : never;
type Out<O> = O extends Operation<infer _I, infer R, infer _E, infer _M> ? R : never;
declare const kinds: Out<typeof getKinds>;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(..._: Same<A, B> extends true ? [] : ['not the same']): void => {};

// A tag tells the choices apart, whether the contract maps it or not.
if (kinds.pet.petType === 'Cat') same<typeof kinds.pet.lives, number>();
// @ts-expect-error a dog has no lives
if (kinds.pet.petType === 'Dog') kinds.pet.lives;
// @ts-expect-error there is no such pet
if (kinds.pet.petType === 'Fish') kinds.pet;
if (kinds.inline.kind === 'iban') same<typeof kinds.inline.iban, string>();
// @ts-expect-error a card has no iban
if (kinds.inline.kind === 'card') kinds.inline.iban;

same<typeof kinds.tuple, [string, number]>();
same<typeof kinds.fixed, 7>();
same<typeof kinds.map, { [key: string]: number }>();
same<typeof kinds.patterned, { [key: string]: boolean }>();
same<typeof kinds.a, string | null>();
same<typeof kinds.both, string | null>();
same<typeof kinds.anything, unknown>();
same<typeof kinds.never, string | null>();
same<typeof kinds.closed.number, string>();
same<(typeof kinds.tree.children)[number]['children'][number]['children'], typeof kinds.tree.children>();
same<typeof kinds.collision.one, string>();
same<typeof kinds.other.two, string>();

same<Out<typeof readLines>, { line: string }[]>();
same<Out<typeof sendRaw>, string>();
export const files: In<typeof sendFiles> = { body: { file: Readable.from([]), more: [new FilePart('x'), new Uint8Array()], note: 'n' } };
// @ts-expect-error text is no file
export const notFiles: In<typeof sendFiles> = { body: { file: 'x', note: 'n' } };
export const raw: In<typeof sendRaw> = { body: new Uint8Array() };

// Read-only members are not sent, and write-only members are not returned.
export const user: In<typeof writeUser> = { body: { name: 'n', password: 'p' } };
// @ts-expect-error an id is never sent
export const withId: In<typeof writeUser> = { body: { id: '1', name: 'n', password: 'p' } };
declare const answered: Out<typeof writeUser>;
same<typeof answered, { id: string; name: string }>();

export const upload = plan('kinds.upload', { input: {}, deadlineMs: 500 }, () => {
  write(sendFiles, { body: { file: new Uint8Array(), note: 'n' } });
  return { stored: write(sendRaw, { body: new Uint8Array() }) };
});
`;

const contracts = [
  { name: 'kinds', file: 'schemas', use, operations: 5 },
  { name: 'garage', file: 'inheritance', use: inheritanceUse, operations: 2 },
  { name: 'names', file: 'names', use: namesUse, operations: 16 },
];

it('the generated code of every kind of schema has the types of the contract', { timeout: 120_000 }, async () => {
  const main = sourceArguments(join(workspace, 'libs/generator/src/main.ts'));
  for (const { name, file, use: text, operations } of contracts) {
    await writeFile(join(folder, `use-${name}.ts`), text);
    const document = join(workspace, 'test/contracts/fixtures', `${file}.yaml`);
    const add = spawnSync(process.execPath, [...main, 'upstream', 'add', name, document, '--validators'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(add.stderr).toBe('');
    expect(add.stdout).toContain(`${operations} operations = ${operations} generated + 0 refused`);
  }
  expect(await compile(folder)).toBe('');
});
