import { hash } from 'node:crypto';

/**
 * The name under which responses are invalidated together. A response has the marks of its operation, its key, its tags and the
 * groups that its upstream gave it. Tags and groups are hashed, because a store keeps them and they name callers.
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

/**
 * The mark of what stands at one address of an upstream.
 * @param target path and query as they are sent
 */
export const addressMark = (upstream: string, target: string): Mark => `tag:${hashed(`\0${upstream}\0${target}`)}`;

/** @param operation upstream and operation: `catalogue.getProduct` */
export const operationMark = (operation: string): Mark => `operation:${operation}`;

/** Of a group of one upstream (RFC 9875 section 2.1): another upstream with a group of that name has another mark. */
export const groupMark = (upstream: string, group: string): Mark =>
  `group:${hashed(JSON.stringify([upstream, group]))}`;

/** Invalidated with each group of an upstream: of loads and records whose groups nobody knows yet. */
export const anyGroupMark = (upstream: string): Mark => `group:${hashed(JSON.stringify([upstream]))}`;

const hashed = (text: string): string => hash('sha256', text, 'base64url');
