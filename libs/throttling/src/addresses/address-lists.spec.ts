import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { channels, type Warning } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { afterAll, afterEach, expect, it } from 'vitest';
import { AddressLists, type AddressListsOptions } from './address-lists.js';

const folder = mkdtempSync(join(tmpdir(), 'address-lists-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const fileOf = (text: string): string => {
  const file = join(folder, `${++files}.txt`);
  writeFileSync(file, text);
  return file;
};

let lists: AddressLists | undefined;
const warnings: Warning[] = [];
const hear = (warning: unknown): void => void warnings.push(warning as Warning);
afterEach(() => {
  lists?.stop();
  channels.warning.unsubscribe(hear);
  warnings.length = 0;
});

async function started(
  options: Omit<AddressListsOptions, 'reloadMs' | 'clock'>,
): Promise<{ lists: AddressLists; clock: ManualClock }> {
  const clock = new ManualClock();
  lists = new AddressLists({ ...options, reloadMs: 1_000, clock });
  await lists.start();
  return { lists, clock };
}
const verdicts = (of: AddressLists, ...addresses: string[]): boolean[] =>
  addresses.map((address) => of.admits(address));

it('refuses denied addresses, lets in only allowed ones, and denies an address on both', async () => {
  const deny = fileOf('10.0.0.0/24');
  const allow = fileOf('10.0.0.0/8');
  expect(verdicts((await started({ deny })).lists, '10.0.0.1', '10.0.1.1', '192.0.2.1', '')).toEqual([
    false,
    true,
    true,
    true,
  ]);
  expect(verdicts((await started({ allow })).lists, '10.0.0.1', '10.0.1.1', '192.0.2.1', '')).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(verdicts((await started({ deny, allow })).lists, '10.0.0.1', '10.0.1.1', '192.0.2.1')).toEqual([
    false,
    true,
    false,
  ]);
});

it('lets nobody in by an empty list of allowed addresses', async () => {
  expect((await started({ allow: fileOf('# nobody yet\n') })).lists.admits('10.0.0.1')).toBe(false);
});

it('takes a changed file without a restart', async () => {
  const deny = fileOf('192.0.2.1\n');
  const { lists: live, clock } = await started({ deny });
  writeFileSync(deny, '192.0.2.2\n192.0.2.3\n');
  await expect
    .poll(async () => {
      await clock.advance(1_000);
      return verdicts(live, '192.0.2.1', '192.0.2.2');
    })
    .toEqual([true, false]);
});

it('keeps the old list where the new one has a bad line or is gone, and says so once with the line', async () => {
  channels.warning.subscribe(hear);
  const deny = fileOf('192.0.2.1\n');
  const { lists: live, clock } = await started({ deny });
  const later = async (): Promise<number> => {
    await clock.advance(1_000);
    return warnings.length;
  };
  writeFileSync(deny, '192.0.2.2\nnonsense\n');
  await expect.poll(later).toBe(1);
  expect(warnings[0]).toMatchObject({
    from: 'throttling',
    message: 'addressLists.deny cannot be read: the list that was read last stays in force',
    cause: { message: expect.stringMatching(/^\d+\.txt:2: "nonsense" is no address or network/) },
  });
  expect(verdicts(live, '192.0.2.1', '192.0.2.2')).toEqual([false, true]);
  rmSync(deny);
  for (let looks = 0; looks < 5; looks++) await later();
  expect(warnings).toHaveLength(1);
  expect(live.admits('192.0.2.1')).toBe(false);
  writeFileSync(deny, '192.0.2.2\n');
  await expect
    .poll(async () => {
      await later();
      return verdicts(live, '192.0.2.1', '192.0.2.2');
    })
    .toEqual([true, false]);
});

it('does not start without its file, or with a bad line', async () => {
  await expect(started({ deny: join(folder, 'none.txt') })).rejects.toMatchObject({ list: 'deny' });
  await expect(started({ allow: fileOf('1.2.3') })).rejects.toMatchObject({
    list: 'allow',
    message: expect.stringContaining('.txt:1: "1.2.3" is no address'),
  });
});
