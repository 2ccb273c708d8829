import { callOf } from '../model/nodes.js';
import type { Expression } from '../view/expressions.js';
import type { Screen } from '../view/screen.js';
import { sourcesOf, walkReads } from './field-sources.js';

/** The fields of an operation's response that a screen needs: `items[].id`, or `(whole)`. */
export interface ReadFields {
  readonly upstream: string;
  readonly operation: string;
  /** Fields that are sent unchanged. */
  readonly kept: readonly string[];
  /** Fields that a function, a mapping or a condition of the screen gets. */
  readonly computed: readonly string[];
}

/** By part name, in the order of the plan. Steps belong to no upstream and are left out. */
export function readFields(screen: Screen<unknown>): Readonly<Record<string, ReadFields>> {
  const found = new Map<string, { readonly kept: Set<string>; readonly computed: Set<string> }>();
  const note = (e: Expression, how: 'kept' | 'computed'): void => {
    for (const source of sourcesOf(e)) {
      const fields = found.get(source.part) ?? { kept: new Set(), computed: new Set() };
      found.set(source.part, fields);
      fields[how].add(source.path === '' ? '(whole)' : source.path);
    }
  };
  walkReads(screen.view, 'kept', note);
  return Object.fromEntries(
    screen.plan.parts.flatMap(({ name, node }) => {
      const fields = found.get(name);
      const operation = callOf(node)?.operation;
      if (fields === undefined || operation === undefined) return [];
      return [
        [
          name,
          {
            upstream: operation.contract.upstream,
            operation: operation.id,
            kept: [...fields.kept].toSorted(),
            computed: [...fields.computed].toSorted(),
          },
        ] as const,
      ];
    }),
  );
}
