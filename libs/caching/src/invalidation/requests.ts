import { table } from '@frontage/core';
import { everything, keyMark, operationMark, tagMark, type Invalidated, type Mark } from './marks.js';

/** An order to invalidate, in the words of other systems. */
export interface InvalidationRequest {
  readonly tags?: readonly string[];
  /** `catalogue.getProduct` */
  readonly operations?: readonly string[];
  readonly keys?: readonly string[];
  readonly all?: true;
}

const markOf: Readonly<Record<string, (text: string) => Mark>> = table({
  tag: tagMark,
  operation: operationMark,
  key: keyMark,
});

/** The request of the fields of an entry: `tag`, `operation` and `key`, each as often as needed, or `all`. Other fields are left out. */
export function invalidatedBy(fields: readonly (readonly [name: string, value: string])[]): Invalidated {
  if (fields.some(([name]) => name === 'all')) return everything;
  return fields.flatMap(([name, value]) => markOf[name]?.(value) ?? []);
}

/** The same for an object. */
export const invalidatedByRequest = ({ tags = [], operations = [], keys = [], all }: InvalidationRequest) =>
  invalidatedBy([
    ...(all === true ? [['all', '1'] as const] : []),
    ...tags.map((tag) => ['tag', tag] as const),
    ...operations.map((operation) => ['operation', operation] as const),
    ...keys.map((key) => ['key', key] as const),
  ]);
