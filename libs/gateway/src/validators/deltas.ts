import { hash } from 'node:crypto';
import { membersOf, type Member } from './members.js';

/** The field with which a client says which members it holds: what it got in {@link digestsField}, or nothing. */
export const haveField = 'frontage-have';
export const digestsField = 'frontage-digests';
export const deltaType = 'application/vnd.frontage.delta+json; charset=utf-8';

/** Members of one response; a larger one is sent as a whole. */
const maxMembers = 256;
/** Letters of a digest; 96 bits. */
const digestLength = 16;
const maxHave = maxMembers * (digestLength + 1);

/** A response for a client that may hold members of it. */
export interface Delta {
  /** That, or the whole response where nothing is saved. */
  readonly body: string;
  readonly isDelta: boolean;
  /** Of all members, in their order; undefined for a response without members, or with too many. */
  readonly digests: string | undefined;
}

/**
 * Leaves out the members that a client holds: `{"members":[["held"],["changed",value]]}`, in the order of the whole response.
 * @param body JSON of a complete response
 * @param have the digests of members that the client holds, with spaces between; a longer list than 256 is not heeded
 */
export function deltaOf(body: string, have: string): Delta {
  const members = membersOf(body);
  if (members === undefined || members.length === 0 || members.length > maxMembers)
    return { body, isDelta: false, digests: undefined };
  const digests = members.map(digestOf);
  const held = new Set(have.length > maxHave ? [] : have.split(' '));
  const entries = members.map(({ name, value }, index) =>
    held.has(digests[index] ?? '') ? `[${name}]` : `[${name},${value}]`,
  );
  const delta = `{"members":[${entries.join(',')}]}`;
  const isDelta = delta.length < body.length && digests.some((digest) => held.has(digest));
  return { body: isDelta ? delta : body, isDelta, digests: digests.join(' ') };
}

/** Of name and value, so that a client holds both where it holds the digest. */
const digestOf = ({ name, value }: Member): string =>
  hash('sha256', `${name}:${value}`, 'base64url').slice(0, digestLength);
