import { hash } from 'node:crypto';

/**
 * The name under which responses are invalidated together. A response has the marks of its operation, its key, its tags, and the groups that
 * its upstream gave it. Tags and groups are hashed, because a store keeps them and they name callers.
 */
export type Mark = `${'tag' | 'operation' | 'key' | 'group'}:${string}`;

/** Tells whether a text that another process has sent is a mark. */
export const isMark = (text: string): text is Mark => /^(?:tag|operation|key|group):/.test(text);

/** Everything that is kept. */
export const everything = 'all';

/** The object of one invalidation: the responses of some marks, or all of them. */
export type Invalidated = readonly Mark[] | typeof everything;

export const tagMark = (tag: string): Mark => `tag:${hashed(tag)}`;
export const keyMark = (key: string): Mark => `key:${key}`;

/** @param operation upstream and operation: `catalogue.getProduct` */
export const operationMark = (operation: string): Mark => `operation:${operation}`;

/** The mark of a group of RFC 9875, which belongs to its upstream. */
export const groupMark = (upstream: string, name: string): Mark => `group:${upstream}/${hashed(name)}`;

/** The mark of a load that does not know its groups yet: it is invalidated with each group of its upstream. */
export const anyGroupOf = (upstream: string): Mark => `group:${upstream}`;

/** The marks, and that of all groups of an upstream where one of its groups is among them. */
export function withUpstreams(marks: readonly Mark[]): readonly Mark[] {
  const upstreams = new Set<Mark>();
  for (const mark of marks) {
    const end = mark.startsWith('group:') ? mark.indexOf('/') : -1;
    if (end !== -1) upstreams.add(anyGroupOf(mark.slice('group:'.length, end)));
  }
  return upstreams.size === 0 ? marks : [...marks, ...upstreams];
}

const hashed = (text: string): string => hash('sha256', text, 'base64url');
