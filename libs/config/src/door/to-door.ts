import { resolve } from 'node:path';
import { given, on } from '../access/policy-members.js';
import type {
  AuditLogConfig,
  BehindCdnConfig,
  CorsConfig,
  SecurityHeadersConfig,
  ServerTimingConfig,
  SignaturesConfig,
} from '../blocks/door-config.js';
import type { Policy } from '../schema/bff.schema.js';

const lowerCase = (names: readonly string[]): readonly string[] => names.map((name) => name.toLowerCase());

/** A browser leaves the port of the scheme out (RFC 6454 section 6.2). */
const withoutDefaultPort = (origin: string): string =>
  origin.replace(origin.startsWith('https:') ? /:443$/ : /:80$/, '');

/** @param folder of the policy, where relative paths start */
export function toBehindCdn(written: Policy['listen']['behindCdn'], folder: string): BehindCdnConfig | undefined {
  const cdn = on(written);
  if (cdn === undefined) return undefined;
  const { addresses = [], addressesFile, healthFrom = [], clientAddress, originSecret, reload } = cdn;
  return {
    addresses,
    ...(addressesFile !== undefined && { addressesFile: resolve(folder, addressesFile) }),
    healthFrom,
    clientAddress,
    ...(originSecret && {
      originSecret: { header: originSecret.header, file: resolve(folder, originSecret.file) },
    }),
    reloadMs: reload,
  };
}

/** The blocks at the door that stand at the top of a policy; one that is absent or switched off is an absent member. */
export function toDoor({ cors: written, auditLog, securityHeaders, serverTiming, signatures }: Policy): {
  readonly cors?: CorsConfig;
  readonly serverTiming?: ServerTimingConfig;
  readonly auditLog?: AuditLogConfig;
  readonly signatures?: SignaturesConfig;
  readonly securityHeaders: SecurityHeadersConfig;
} {
  const cors = on(written);
  const timing = on(serverTiming);
  const audit = on(auditLog);
  const looked = on(signatures);
  return {
    ...(cors && {
      cors: {
        origins: cors.origins.map(withoutDefaultPort),
        headers: lowerCase(cors.headers ?? ['authorization', 'content-type']),
        exposeHeaders: lowerCase(
          cors.exposeHeaders ?? ['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy'],
        ),
        credentials: cors.credentials,
        maxAgeMs: cors.maxAge,
      },
    }),
    ...(timing && {
      serverTiming: { roles: timing.roles ?? [], scopes: timing.scopes ?? [], everybody: timing.everybody },
    }),
    ...(audit && { auditLog: { ...given('file', audit.file), callers: audit.callers } }),
    ...(looked && { signatures: { mode: looked.mode, ignore: looked.ignore ?? [] } }),
    securityHeaders,
  };
}
