import { shownPath, sourcePlace } from '@frontage/core';

/** file:line:column of the caller of `callee`, in its source and from the workspace; for messages at start. */
export function callSite(callee: (...args: never) => unknown): string {
  const place = sourcePlace(callee);
  if (place === undefined) return 'an unknown place';
  return `${shownPath(place.file)}:${place.line}:${place.column}`;
}
