/**
 * The thumbprint (`x5t#S256`, RFC 8705 section 3.1) of the client certificate that a token is bound to; `undefined` for a token that is
 * bound to nothing.
 * @throws Error for a token that is bound to another kind of key (`jkt`, RFC 9449), or to two
 */
export function certificateBinding(claims: Readonly<Record<string, unknown>>): string | undefined {
  const confirmation = claims['cnf'];
  if (confirmation === undefined) return undefined;
  const [[kind, thumbprint] = [], ...others] =
    typeof confirmation === 'object' && confirmation !== null ? Object.entries(confirmation) : [];
  if (kind === 'x5t#S256' && typeof thumbprint === 'string' && /^[\w-]{43}$/.test(thumbprint) && others.length === 0)
    return thumbprint;
  throw new Error(unproven);
}

export const unproven = 'the token is bound to a key ("cnf") that was not proven';
