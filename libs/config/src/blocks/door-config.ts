/** Only a CDN connects: its addresses, and the header fields that it writes. */
export interface BehindCdnConfig {
  /** Addresses and networks. */
  readonly addresses: readonly string[];
  /** Absolute path of a file with more of them. */
  readonly addressesFile?: string;
  /** Addresses and networks of health checks. @default none */
  readonly healthFrom: readonly string[];
  /** Header field with the address of the client, in lower case. */
  readonly clientAddress: string;
  readonly originSecret?: {
    /** In lower case. */
    readonly header: string;
    /** Absolute path. */
    readonly file: string;
  };
  /** Time between two looks at the files. @default 2_000 */
  readonly reloadMs: number;
}

/** Pages of other origins that may call the app from a browser. */
export interface CorsConfig {
  /** `https://shop.example.com`, or `https://*.example.com` for one label. */
  readonly origins: readonly string[];
  /** Of requests, in lower case. */
  readonly headers: readonly string[];
  /** Of responses, in lower case. */
  readonly exposeHeaders: readonly string[];
  /** @default false */
  readonly credentials: boolean;
  /** Time for which a browser remembers a preflight. @default 600_000 */
  readonly maxAgeMs: number;
}

/** Values of header fields; `off`: the field is left out. */
export interface SecurityHeadersConfig {
  readonly contentSecurityPolicy: string;
  readonly strictTransportSecurity: string;
  readonly referrerPolicy: string;
  readonly crossOriginResourcePolicy: string;
}

/** Callers by what their credential says: with one of the roles, or one of the scopes. */
export interface CallersConfig {
  /** @default none */
  readonly roles: readonly string[];
  /** @default none */
  readonly scopes: readonly string[];
}

/** Callers whose responses have `Server-Timing`. */
export interface ServerTimingConfig extends CallersConfig {
  /** All requests, also without a caller. @default false */
  readonly everybody: boolean;
}

export interface AuditLogConfig {
  /** Absent: standard output. A relative path starts at the working directory. */
  readonly file?: string;
  /** @default named */
  readonly callers: 'named' | 'hashed';
}

/** Forms of attacks in paths and queries. */
export interface SignaturesConfig {
  readonly mode: 'report' | 'refuse';
  /** Names of signatures that are not looked for. @default none */
  readonly ignore: readonly string[];
}
