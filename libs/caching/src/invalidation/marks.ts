import { hash } from 'node:crypto';

/**
 * The name under which responses are invalidated together. A response has the marks of its operation, its key and its tags. Tags are
 * hashed, because a store keeps them and they name callers.
 */
export type Mark = `${'tag' | 'operation' | 'key'}:${string}`;

/** Tells whether a text that another process has sent is a mark. */
export const isMark = (text: string): text is Mark => /^(?:tag|operation|key):/.test(text);

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

const hashed = (text: string): string => hash('sha256', text, 'base64url');
