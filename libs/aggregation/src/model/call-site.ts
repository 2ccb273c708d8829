import { relative } from 'node:path';
import { callPlace } from '@frontage/core';

/** file:line:column of the caller of `callee`, relative to the working directory; for messages at start. */
export function callSite(callee: (...args: never) => unknown): string {
  const place = callPlace(callee);
  if (place === undefined) return 'an unknown place';
  return `${relative(process.cwd(), place.file)}:${place.line}:${place.column}`;
}
