import type { AccessConfig, JwtConfig } from '@frontage/config';

/** The issuers of the policy, each with the path of its block. */
export function issuersOf({ jwt, issuers }: AccessConfig): readonly (readonly [readonly string[], JwtConfig])[] {
  const named = Object.entries(issuers).map(([name, issuer]) => [['access', 'issuers', name], issuer] as const);
  return jwt === undefined ? named : [[['access', 'jwt'], jwt], ...named];
}
