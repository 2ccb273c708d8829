import { branchesOf } from '../view/expression-branches.js';
import type { Expression } from '../view/expressions.js';
import { traitsOf } from '../model/node-traits.js';
import { callOf, type PartNode } from '../model/nodes.js';
import type { Screen } from '../view/screen.js';

/** The fields of an operation's response that a screen needs: `items[].id`, or `(whole)`. */
export interface ReadFields {
  readonly upstream: string;
  readonly operation: string;
  /** Fields that are sent unchanged. */
  readonly kept: readonly string[];
  /** Fields that a function, a mapping or a condition of the screen gets. */
  readonly computed: readonly string[];
}

type ReadPurpose = 'kept' | 'computed' | 'passed';
interface FieldSource {
  readonly part: string;
  readonly node: PartNode;
  readonly path: string;
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
  walk(screen.view, 'kept', note);
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

type Note = (e: Expression, how: 'kept' | 'computed') => void;

/** @param how the use of the value: it is sent, a function gets it, or it only leads to a member below */
function walk(e: Expression, how: ReadPurpose, note: Note): void {
  if (how !== 'passed' && (e.kind === 'part' || e.kind === 'item' || e.kind === 'field' || e.kind === 'at'))
    note(e, how);
  if (e.kind === 'item') return;
  const { source, computed, shown, lookedAt } = branchesOf(e);
  for (const one of lookedAt) note(one, 'computed');
  for (const one of computed) walk(one, 'computed', note);
  for (const one of shown) walk(one, how, note);
  if (source !== undefined && !computed.includes(source) && !shown.includes(source)) walk(source, 'passed', note);
}

/** The fields of responses that an expression refers to; none for a value that is made here. */
function sourcesOf(e: Expression): readonly FieldSource[] {
  switch (e.kind) {
    case 'part':
      return [{ part: e.name, node: e.node, path: traitsOf(e.node).member }];
    case 'field':
      return sourcesOf(e.of).map((of) => ({ ...of, path: of.path === '' ? e.key : `${of.path}.${e.key}` }));
    case 'item':
      return e.each ? itemsOf(e.of) : sourcesOf(e.of);
    case 'at':
      // The entry of a table of groups is a list itself.
      return e.of.kind === 'groupBy' ? sourcesOf(e.of.of) : itemsOf(e.of);
    case 'filter':
      return sourcesOf(e.over);
    case 'concat':
      return e.lists.flatMap(sourcesOf);
    case 'otherwise':
      return [...sourcesOf(e.of), ...sourcesOf(e.other)];
    case 'take':
    case 'where':
    case 'sort':
    case 'distinct':
    case 'indexBy':
    case 'groupBy':
    case 'omit':
    case 'named':
      return sourcesOf(e.of);
    default:
      return [];
  }
}

/** The items of a list. Each item of an `each` is a whole response. */
function itemsOf(e: Expression): readonly FieldSource[] {
  switch (e.kind) {
    case 'list':
      return sourcesOf(e.body);
    case 'flatten':
      return e.of.kind === 'list' ? itemsOf(e.of.body) : itemsOf(e.of).map(oneItem);
    case 'concat':
      return e.lists.flatMap(itemsOf);
    case 'otherwise':
      return [...itemsOf(e.of), ...itemsOf(e.other)];
    default:
      return isEachItself(e) ? sourcesOf(e) : sourcesOf(e).map(oneItem);
  }
}

const oneItem = (of: FieldSource): FieldSource => ({ ...of, path: `${of.path}[]` });

const isEachItself = (e: Expression): boolean => {
  switch (e.kind) {
    case 'part':
      return traitsOf(e.node).yields === 'responses';
    case 'filter':
      return isEachItself(e.over);
    case 'take':
    case 'where':
    case 'sort':
    case 'distinct':
    case 'indexBy':
    case 'groupBy':
      return isEachItself(e.of);
    case 'at':
      return e.of.kind === 'groupBy' && isEachItself(e.of.of);
    default:
      return false;
  }
};
