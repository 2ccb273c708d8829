/** Bytes that belong to one user alone: they are long, so that a part of them in another response is found too. */
export const markOf = (user: string): string => `<${user}>`.repeat(40);

/** Names of users whose mark stands in a text. */
export const usersIn = (text: string): ReadonlySet<string> =>
  new Set(Array.from(text.matchAll(/<(user-\d+)>/g), ([, user]) => user ?? ''));

/** `sub` of a token, which is not verified here: this is the place of an upstream that trusts the BFF. */
export function subjectOf(authorization: string | undefined): string | undefined {
  const payload = authorization?.split('.')[1];
  if (payload === undefined) return undefined;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { readonly sub?: string };
  return claims.sub;
}
