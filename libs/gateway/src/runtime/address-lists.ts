import { PolicyFiles, type BffConfig } from '@frontage/config';
import type { Clock } from '@frontage/core';
import { AddressLists, UnreadableList } from '@frontage/throttling';

/**
 * Reads the lists of addresses for the first time, and keeps them as new as their files.
 * @returns `undefined` where the policy has none
 * @throws ConfigError at the list that cannot be read
 */
export async function startAddressLists(config: BffConfig, clock: Clock): Promise<AddressLists | undefined> {
  if (config.addressLists === undefined) return undefined;
  const lists = new AddressLists({ ...config.addressLists, clock });
  try {
    await lists.start();
  } catch (error) {
    lists.stop();
    if (!(error instanceof UnreadableList)) throw error;
    const message = `the list cannot be read (${error.message})`;
    throw new PolicyFiles(config).error([{ path: ['addressLists', error.list], want: 'value', message }]);
  }
  return lists;
}
