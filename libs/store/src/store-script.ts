import { createHash } from 'node:crypto';

/** A Lua script that touches one key. */
export interface StoreScript {
  readonly source: string;
  /** Digest by which Redis finds the script. */
  readonly digest: string;
}

export const storeScript = (source: string): StoreScript => ({
  source,
  digest: createHash('sha1').update(source).digest('hex'),
});
