import { given } from './policy-members.js';
import type { JwtConfig } from './access-config.js';

type ClaimPolicy = Readonly<
  Record<
    string,
    {
      readonly kind: 'text' | 'texts' | 'number' | 'flag';
      readonly claim?: string | undefined;
      readonly required: boolean;
    }
  >
>;

/** Claims that plans and handlers see, for code. */
export const toClaims = (claims: ClaimPolicy): JwtConfig['claims'] =>
  Object.fromEntries(
    Object.entries(claims).map(([name, { claim, ...rest }]) => [name, { ...rest, ...given('claim', claim) }]),
  );
