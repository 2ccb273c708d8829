import { table } from '@frontage/core';
import { everything, groupMark, keyMark, operationMark, tagMark, type Invalidated, type Mark } from './marks.js';

/** An order to invalidate, in the words of other systems. */
export interface InvalidationRequest {
  readonly tags?: readonly string[];
  /** `catalogue.getProduct` */
  readonly operations?: readonly string[];
  readonly keys?: readonly string[];
  /** Upstream and group (RFC 9875): `catalogue/offers`. */
  readonly groups?: readonly string[];
  readonly all?: true;
}

const markOf: Readonly<Record<string, (text: string) => Mark | undefined>> = table({
  tag: tagMark,
  operation: operationMark,
  key: keyMark,
  group: (text) => {
    const end = text.indexOf('/');
    return end < 1 ? undefined : groupMark(text.slice(0, end), text.slice(end + 1));
  },
});

/** The request of the fields of an entry: `tag`, `operation`, `key`, `group`, each as often as needed, or `all`. Other fields are left out. */
export function invalidatedBy(fields: readonly (readonly [name: string, value: string])[]): Invalidated {
  if (fields.some(([name]) => name === 'all')) return everything;
  return fields.flatMap(([name, value]) => markOf[name]?.(value) ?? []);
}

/** The same for an object. */
export const invalidatedByRequest = ({
  tags = [],
  operations = [],
  keys = [],
  groups = [],
  all,
}: InvalidationRequest) =>
  invalidatedBy([
    ...(all === true ? [['all', '1'] as const] : []),
    ...tags.map((tag) => ['tag', tag] as const),
    ...operations.map((operation) => ['operation', operation] as const),
    ...keys.map((key) => ['key', key] as const),
    ...groups.map((group) => ['group', group] as const),
  ]);
