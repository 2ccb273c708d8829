import { readFile } from 'node:fs/promises';
import { versionOfFile } from '@frontage/core';
import { readKeyFile, readRecord, type ApiKeyRecord } from './api-key.js';
import type { ApiKeySource } from './api-keys.js';

/** Keys in a file, such as a mounted secret: the file may be replaced at any time. */
export function keysInFile(file: string): ApiKeySource {
  return {
    version: () => versionOfFile(file),
    async read() {
      return readKeyFile(await readFile(file, 'utf8'));
    },
  };
}

/** A table of the shared store: an entry per key, by its id. */
export interface KeyTable {
  version(): Promise<string>;
  entries(): Promise<ReadonlyMap<string, string>>;
}

/** Keys in the shared store. */
export function keysInTable(table: KeyTable): ApiKeySource {
  return {
    version: () => table.version(),
    async read() {
      const entries = await table.entries();
      return [...entries.values()].map((text): ApiKeyRecord => readRecord(JSON.parse(text)));
    },
  };
}
