/**
 * Every use of a store that several apps may share, with the version of what is kept under it. A new use gets a line here: without one
 * there is no key for it. The version rises with the format, so that processes of two versions never read each other's records.
 */
const versions = {
  /** Responses of upstreams. */
  cache: 'v2',
  /** Hits of rate limits. */
  limits: 'v2',
  /** Hits that the processes of one `frontage serve` tell each other of. */
  'cluster-hits': 'v2',
  /** Written to learn whether the store can be written to. */
  probe: 'v1',
} as const;

export type StorePurpose = keyof typeof versions;
export const storePurposes: readonly StorePurpose[] = ['cache', 'limits', 'cluster-hits', 'probe'];

declare const namespaced: unique symbol;

/** A key that begins with the name of an app and a purpose. Only {@link storeNamespace} makes one. */
export type StoreKey = string & { readonly [namespaced]: true };

/** The keys of one app for one purpose (RELIABILITY R6). */
export interface StoreNamespace {
  /** What every key begins with: `mobile:limits:v2:`. */
  readonly prefix: string;
  /** @param rest unique within the purpose; any text */
  key(rest: string): StoreKey;
}

/**
 * The only way to keys of a store that apps may share. The name is percent-encoded: no two pairs of app and purpose have a key in common,
 * whatever separators the names hold.
 * @throws TypeError for an app without a name, or with one that is no well-formed Unicode
 */
export function storeNamespace(app: string, purpose: StorePurpose): StoreNamespace {
  if (app === '' || !app.isWellFormed())
    throw new TypeError(
      `the name of an app is ${JSON.stringify(app)}: keys of a shared store begin with it, so write a name of well-formed text`,
    );
  const prefix = `${encodeURIComponent(app)}:${purpose}:${versions[purpose]}:`;
  // The one place where a text becomes a key.
  return { prefix, key: (rest) => (prefix + rest) as StoreKey };
}
