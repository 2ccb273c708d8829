import type { ScreenConfig } from '@frontage/config';
import { strictest, type PartNote } from './part-notes.js';
import { sfString } from './structured-fields.js';

/** The header fields that tell clients and a CDN how long they may use a complete response. */
export interface CacheFields {
  readonly cacheControl: string;
  /** Flat: name, value, name, value. */
  readonly fields: readonly string[];
}

export type CachingOf = (notes: readonly PartNote[]) => CacheFields;

/** Tags of one response, and characters of all of them: a CDN cuts what is longer, and would miss a purge. */
const maxTags = 64;
const maxTagCharacters = 4_096;

/**
 * Compiles the rule of one screen, at boot: a response is as old as its oldest part, fresh for as long as the part that is fresh for the
 * shortest time, and public where each of its parts is.
 * @param isPublic the route is for everybody
 */
export function compileCaching({ maxAgeMs = 0, cdn }: ScreenConfig, isPublic: boolean): CachingOf {
  const own = isPublic ? 'public' : 'private';
  return (notes) => {
    const all = strictest(notes);
    const scope = all.isPublic ? own : 'private';
    const age = Math.ceil(all.ageMs / 1000);
    const secondsOf = (limitMs: number): number => Math.floor(Math.min(all.freshMs, limitMs) / 1000);
    const ofClient = secondsOf(maxAgeMs);
    const ofCdn = cdn === undefined || scope === 'private' ? 0 : secondsOf(cdn.maxAgeMs);
    // RFC 9111 section 4.2: what is left of `max-age` after `Age`.
    const fields = ofClient >= 1 || ofCdn >= 1 ? ['age', String(age)] : [];
    if (cdn !== undefined && scope === 'public') fields.push(...cdnFields(ofCdn, age, all.tags, cdn.tags));
    return { cacheControl: ofClient >= 1 ? `${scope}, max-age=${age + ofClient}` : `${scope}, no-cache`, fields };
  };
}

/** RFC 9213 section 3.1, and the tags by which the response is purged. */
function cdnFields(seconds: number, age: number, tags: readonly string[], names: readonly TagField[]): string[] {
  if (seconds < 1) return ['cdn-cache-control', 'no-cache'];
  const isTooLong = tags.length > maxTags || tags.join(' ').length > maxTagCharacters;
  if (names.length > 0 && isTooLong) return ['cdn-cache-control', 'no-store'];
  return ['cdn-cache-control', `max-age=${age + seconds}`, ...names.flatMap((name) => [name, tagFields[name](tags)])];
}

type TagField = NonNullable<ScreenConfig['cdn']>['tags'][number];

/** Characters that would end a tag are percent-encoded. */
const listed = (tags: readonly string[], between: string): string =>
  tags.map((tag) => tag.replaceAll(/[^\x21-\x2b\x2d-\x7e]/gu, (letter) => encodeURIComponent(letter))).join(between);

const tagFields: Readonly<Record<TagField, (tags: readonly string[]) => string>> = {
  'surrogate-key': (tags) => listed(tags, ' '),
  'cache-tag': (tags) => listed(tags, ','),
  // RFC 9875 section 2: a list of strings.
  'cache-groups': (tags) => tags.map(sfString).join(', '),
};
