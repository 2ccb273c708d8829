import type { AccessConfig, JwtConfig } from '@frontage/config';

/** The issuers of the policy, each with the path of its block. */
export function issuersOf({ jwt, issuers }: AccessConfig): readonly (readonly [readonly string[], JwtConfig])[] {
  const named = Object.entries(issuers).map(([name, issuer]) => [['access', 'issuers', name], issuer] as const);
  return jwt === undefined ? named : [[['access', 'jwt'], jwt], ...named];
}

type ClaimSource = readonly [path: readonly string[], { readonly claims: JwtConfig['claims'] }];

/** The blocks of the policy that name claims of callers, each with its path. */
export function claimSourcesOf(access: AccessConfig): readonly ClaimSource[] {
  const providers = Object.entries(access.sessions?.providers ?? {});
  return [
    ...issuersOf(access),
    ...providers.map(([name, provider]): ClaimSource => [['access', 'sessions', 'providers', name], provider]),
  ];
}
