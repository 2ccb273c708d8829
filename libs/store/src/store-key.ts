/** The uses of a store that several apps may share. A new use needs a name here to get keys. */
export const storePurposes = [
  /** Responses of upstreams. */
  'cache',
  /** Tokens of the marks with which responses of upstreams are invalidated. */
  'cache-marks',
  /** Locks of responses that some process loads. */
  'cache-locks',
  /** Invalidations of responses, as a stream. */
  'invalidations',
  /** Last good responses of calls. */
  'last-good',
  /** Hits of rate limits. */
  'limits',
  /** Observations of abuse signals. */
  'signals',
  /** Hits that the processes of one `frontage serve` tell each other of. */
  'cluster-hits',
  /** Credentials that are refused. */
  'revocations',
  /** Hashes of API keys. */
  'api-keys',
  /** Sessions of browsers, encrypted. */
  'sessions',
  /** A key that is written to test whether the store takes writes. */
  'probe',
] as const;
export type StorePurpose = (typeof storePurposes)[number];

/** Version of the stored records. It rises with their format, so that processes of two versions never read each other's records. */
const versions: Readonly<Record<StorePurpose, string>> = {
  cache: 'v3',
  'cache-marks': 'v1',
  'cache-locks': 'v1',
  invalidations: 'v1',
  'last-good': 'v2',
  limits: 'v2',
  signals: 'v1',
  'cluster-hits': 'v2',
  revocations: 'v1',
  'api-keys': 'v1',
  sessions: 'v1',
  probe: 'v1',
};

declare const namespaced: unique symbol;

/** A key that begins with the name of an app and a purpose. Only {@link storeNamespace} makes one. */
export type StoreKey = string & { readonly [namespaced]: true };

/** The keys of one app for one purpose (RELIABILITY R6). */
export interface StoreNamespace {
  /** Prefix of each key: `mobile:limits:v2:`. */
  readonly prefix: string;
  /** @param rest unique within the purpose; any text */
  key(rest: string): StoreKey;
}

/**
 * The only function that makes keys of a store that apps may share. The name is percent-encoded, so that two pairs of app and purpose have no
 * key in common, even if a name holds separators.
 * @throws TypeError for an empty name, or a name that is no well-formed Unicode
 */
export function storeNamespace(app: string, purpose: StorePurpose): StoreNamespace {
  if (app === '' || !app.isWellFormed())
    throw new TypeError(
      `the name of an app is ${JSON.stringify(app)}: keys of a shared store begin with it, so write a name of well-formed text`,
    );
  const prefix = `${encodeURIComponent(app)}:${purpose}:${versions[purpose]}:`;
  // This is the only place where a text becomes a key.
  return { prefix, key: (rest) => (prefix + rest) as StoreKey };
}
