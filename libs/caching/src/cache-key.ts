import { hash } from 'node:crypto';
import type { CallArgs } from '@frontage/core';

/** Who is asking, as far as an answer may depend on it. */
export interface Asker {
  readonly subject: string;
  readonly tenant?: string;
  readonly app?: string;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
}

const askerHashes = new WeakMap<Asker, string>();

/**
 * The key of one answer: operation, arguments, forwarded headers and, unless the operation is declared public, who is asking. Hashed, so
 * that no name and no id stands in a store, and so that no argument can be chosen to meet another key.
 *
 * @param asker `undefined` for a caller without a token: they share entries among themselves, and with nobody else
 * @param vary values of everything else that the upstream sees: forwarded headers, in a fixed order
 */
export function cacheKey(
  operation: { readonly upstream: string; readonly operation: string; readonly isPublic: boolean },
  args: CallArgs,
  asker: Asker | undefined,
  vary: readonly (string | undefined)[],
): string {
  const who = operation.isPublic ? 'public' : asker === undefined ? 'anonymous' : hashAsker(asker);
  const what = sha256(canonical([operation.upstream, operation.operation, args, vary.map((value) => value ?? null)]));
  return `${operation.upstream}/${operation.operation}/${who}/${what}`;
}

function hashAsker(asker: Asker): string {
  let hashed = askerHashes.get(asker);
  if (hashed === undefined) {
    const { subject, tenant, app, scopes = [], roles = [] } = asker;
    hashed = sha256(JSON.stringify([subject, tenant ?? null, app ?? null, scopes.toSorted(), roles.toSorted()]));
    askerHashes.set(asker, hashed);
  }
  return hashed;
}

/** JSON with the members of every object in order: two spellings of the same arguments are one key. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (typeof member === 'bigint') return { bigint: String(member) };
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

const sha256 = (text: string): string => hash('sha256', text, 'base64url');
