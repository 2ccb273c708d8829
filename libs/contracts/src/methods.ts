import type { Method } from '@frontage/core';

const known: readonly Method[] = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];

/** Methods that a path item of OpenAPI 3.0 and 3.1 knows, in upper case. */
export const methods: ReadonlyMap<string, Method> = new Map(known.map((method) => [method, method]));
