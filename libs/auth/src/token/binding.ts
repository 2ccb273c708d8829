import type { DpopRule } from '../options/dpop.options.js';

/** The key that a token is bound to: only a client that has it may use the token. */
export interface Binding {
  /** `certificate`: the client certificate of the connection (RFC 8705). `key`: a proof with each request (RFC 9449). */
  readonly kind: 'certificate' | 'key';
  /** SHA-256 in base64url, of the certificate or of the key as a JWK (RFC 7638). */
  readonly thumbprint: string;
}

const kinds: ReadonlyMap<string, Binding['kind']> = new Map([
  ['x5t#S256', 'certificate'],
  ['jkt', 'key'],
]);

/**
 * The key that a token is bound to by its claim `cnf`; `undefined` for a token that is bound to nothing.
 * @param dpop of the issuer
 * @throws Error for a token that is bound to two keys or to one of another kind, and for one that policy does not take
 */
export function bindingOf(claims: Readonly<Record<string, unknown>>, dpop: DpopRule | undefined): Binding | undefined {
  const confirmation = claims['cnf'];
  if (confirmation === undefined) {
    if (dpop === 'required') throw new Error('the token is bound to no key, and policy asks for that (dpop: required)');
    return undefined;
  }
  const [given, ...others] =
    typeof confirmation === 'object' && confirmation !== null ? Object.entries(confirmation) : [];
  const [name, thumbprint]: readonly unknown[] = given ?? [];
  const kind = typeof name === 'string' ? kinds.get(name) : undefined;
  const isGood = typeof thumbprint === 'string' && /^[\w-]{43}$/.test(thumbprint) && others.length === 0;
  const isTaken = kind === 'key' ? dpop !== undefined : dpop !== 'required';
  if (kind === undefined || !isGood || !isTaken) throw new Error(unproven);
  return { kind, thumbprint };
}

export const unproven = 'the token is bound to a key ("cnf") that was not proven';
