import type { SecurityHeadersConfig } from '@frontage/config';

/**
 * The header fields that stand on every response of an app, flat: name, value, name, value. By default it is no page, its type is not
 * guessed, no page of another origin embeds it, and the client comes back with TLS only (OWASP REST security). Browsers heed
 * `Strict-Transport-Security` only where it came over TLS (RFC 6797 section 8.1).
 */
export function securityHeaders(config: SecurityHeadersConfig): readonly string[] {
  const fields = [
    ['content-security-policy', config.contentSecurityPolicy],
    ['strict-transport-security', config.strictTransportSecurity],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', config.referrerPolicy],
    ['cross-origin-resource-policy', config.crossOriginResourcePolicy],
  ] as const;
  return fields.filter(([, value]) => value !== 'off').flat();
}
