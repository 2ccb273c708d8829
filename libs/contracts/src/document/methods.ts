import type { Method } from '@frontage/core';

const fixed: readonly Method[] = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE', 'QUERY'];

/** Methods with a member of the path item, in upper case; OpenAPI 3.2 added `query`. */
export const methods: ReadonlyMap<string, Method> = new Map(fixed.map((method) => [method, method]));

const additional: readonly Method[] = [
  ...(['COPY', 'LOCK', 'MKCOL', 'MOVE', 'PROPFIND', 'PROPPATCH', 'REPORT', 'SEARCH', 'UNLOCK'] as const),
  ...(['LINK', 'UNLINK', 'NOTIFY', 'SUBSCRIBE', 'UNSUBSCRIBE', 'PURGE'] as const),
];

/** Methods that may stand under `additionalOperations`, spelled as they are sent. */
export const additionalMethods: ReadonlyMap<string, Method> = new Map(additional.map((method) => [method, method]));
