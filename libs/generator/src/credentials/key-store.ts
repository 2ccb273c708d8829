import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { keyFileText, readKeyFile, readRecord, type ApiKeyRecord } from '@frontage/auth/api-key';
import type { BffConfig } from '@frontage/config';
import { CheckFailed } from '../terminal/command.errors.js';
import { withStore } from './app-policy.js';

/** The place that an app has its API keys in. */
export interface KeyStore {
  /** For messages: the path of a file, or the host of the store. */
  readonly place: string;
  read(): Promise<readonly ApiKeyRecord[]>;
  add(record: ApiKeyRecord): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Works with the keys of an app. @throws CheckFailed where its policy has none, or where they cannot be read */
export async function withKeys<T>(config: BffConfig, work: (keys: KeyStore) => Promise<T>): Promise<T> {
  const { apiKeys } = config.access ?? {};
  if (apiKeys === undefined)
    throw new CheckFailed(
      `${config.bff} takes no API keys: add "apiKeys: { file: api-keys.json }" to access in its bff.yaml`,
    );
  if (apiKeys.file !== undefined) return work(keysInFile(apiKeys.file));
  return withStore(config, ({ store, host }) => {
    const table = store.table('api-keys');
    return work({
      place: host,
      read: async () => [...(await table.entries()).values()].map((text) => readRecord(JSON.parse(text))),
      add: (record) => table.put(record.id, JSON.stringify(record)),
      remove: (id) => table.remove([id]),
    });
  });
}

function keysInFile(file: string): KeyStore {
  const read = async (): Promise<readonly ApiKeyRecord[]> => {
    if (!existsSync(file)) return [];
    try {
      return readKeyFile(await readFile(file, 'utf8'));
    } catch (error) {
      throw new CheckFailed(`${file}: ${error instanceof Error ? error.message : 'cannot be read'}`);
    }
  };
  const write = async (records: readonly ApiKeyRecord[]): Promise<void> => {
    // A running app never sees half a file.
    const next = `${file}.${randomUUID()}`;
    await writeFile(next, keyFileText(records), { mode: 0o600 });
    await rename(next, file);
  };
  return {
    place: file,
    read,
    add: async (record) => write([...(await read()), record]),
    remove: async (id) => write((await read()).filter((record) => record.id !== id)),
  };
}
