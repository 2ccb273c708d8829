import { nearest } from '@frontage/core';
import { JSONPathQuery, type JSONPathEnvironment, type JSONValue } from 'json-p3';

const maxNames = 5;

/**
 * The longest beginning of a path that matches in a document, with the names that stand there: `$.paths matches, and has /orders; is
 * /orders meant?`. Undefined where that is the root.
 * @throws JSONPathError for a path that is none
 */
export function matchedBeginning(document: JSONValue, path: string, paths: JSONPathEnvironment): string | undefined {
  const { segments } = paths.compile(path);
  for (let length = segments.length - 1; length >= 0; length -= 1) {
    const beginning = new JSONPathQuery(paths, segments.slice(0, length));
    const found = beginning.query(document).values();
    if (found.length > 0) return `${beginning.toString()} ${hasText(found, nameIn(segments[length]))}`;
  }
  return undefined;
}

/** The name that a segment selects; undefined where it selects by something else. */
function nameIn(segment: JSONPathQuery['segments'][number] | undefined): string | undefined {
  const [selector, ...more] = segment?.selectors ?? [];
  return more.length === 0 && selector !== undefined && 'name' in selector && typeof selector.name === 'string'
    ? selector.name
    : undefined;
}

function hasText(found: readonly JSONValue[], wanted: string | undefined): string {
  const [first] = found;
  if (found.length === 1 && Array.isArray(first)) return `is a list of ${first.length}`;
  const names = [...new Set(found.flatMap((value) => (isMapping(value) ? Object.keys(value) : [])))];
  if (names.length === 0) return found.length > 1 ? `matches ${found.length} nodes` : 'has no members';
  const shown = names.slice(0, maxNames).join(', ');
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : '';
  const meant = wanted === undefined ? undefined : nearest(wanted, names);
  return `has ${shown}${more}${meant === undefined ? '' : `; is ${meant} meant?`}`;
}

const isMapping = (value: JSONValue): value is { readonly [name: string]: JSONValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
