import type { ByKindExpression, Expression } from './expressions.js';

/** The expressions directly below one, grouped by how their values are used. */
export interface Branches {
  /** The value that this expression reads or goes through; undefined where it makes a new value. The source of an item is its list. */
  readonly source?: Expression;
  /** Values for a function, a mapping or a condition. */
  readonly computed: readonly Expression[];
  /** Values that the response contains, in whole or in part. */
  readonly shown: readonly Expression[];
  /** Members of the source, or of its items, that this expression looks at to choose, to sort or to count. */
  readonly lookedAt: readonly Expression[];
}

const none: readonly Expression[] = [];
const leaf: Branches = { computed: none, shown: none, lookedAt: none };

const fieldsOf = (of: Expression, keys: readonly string[]): readonly Expression[] =>
  keys.map((key) => ({ kind: 'field', of, key }));

/** The bodies of all kinds, and of the others. */
export const bodiesOf = ({ cases, other }: ByKindExpression): readonly NonNullable<ByKindExpression['other']>[] =>
  other === undefined ? cases : [...cases, other];

const itemOf = (of: Expression): Expression => ({ kind: 'item', of, each: true });

/** The only traversal of expressions. A new combinator states its branches here; everything that follows the tree uses them. */
export function branchesOf(e: Expression): Branches {
  switch (e.kind) {
    case 'part':
    case 'input':
    case 'literal':
    case 'index':
      return leaf;
    case 'item':
    case 'field':
      return { ...leaf, source: e.of };
    case 'headers':
      return { ...leaf, source: e.of, computed: e.place };
    case 'pick':
      return { ...leaf, source: e.of, shown: fieldsOf(e.of, e.keys) };
    case 'object':
      return { ...leaf, shown: e.members.map(([, member]) => member) };
    case 'array':
      return { ...leaf, shown: e.items };
    case 'list':
    case 'within':
      return { ...leaf, source: e.over, shown: [e.body] };
    case 'otherwise':
      return { ...leaf, source: e.of, shown: [e.of, e.other] };
    case 'named':
    case 'take':
      return { ...leaf, source: e.of, shown: [e.of] };
    case 'compute':
      return { ...leaf, computed: e.dependencies.map(([, value]) => value) };
    case 'text':
      return { ...leaf, computed: e.values };
    case 'enum':
      return { ...leaf, source: e.of, computed: [e.of] };
    case 'when':
      return { ...leaf, computed: [e.condition], shown: [e.consequent, e.alternate] };
    case 'byKind':
      return { ...leaf, source: e.of, shown: bodiesOf(e).map(({ body }) => body), lookedAt: fieldsOf(e.of, [e.tag]) };
    case 'where':
      return { ...leaf, source: e.of, shown: [e.of], lookedAt: fieldsOf(itemOf(e.of), e.keys) };
    case 'sort':
      return { ...leaf, source: e.of, shown: [e.of], lookedAt: fieldsOf(itemOf(e.of), [e.key]) };
    case 'indexBy':
    case 'groupBy':
      return { ...leaf, source: e.of, computed: [e.key] };
    case 'filter':
      return { ...leaf, source: e.over, computed: [e.condition], shown: [e.over] };
    case 'equal':
      return { ...leaf, computed: [e.left, e.right] };
    case 'concat':
      return { ...leaf, shown: e.lists };
    case 'flatten':
    case 'omit':
      return { ...leaf, source: e.of, shown: [e.of] };
    case 'distinct':
      return { ...leaf, source: e.of, computed: e.by === undefined ? none : [e.by.key], shown: [e.of] };
    case 'sum':
    case 'min':
    case 'max':
      return { ...leaf, source: e.of, computed: [e.of] };
    case 'merge':
      return { ...leaf, shown: e.parts };
    case 'count':
      return { ...leaf, source: e.of, lookedAt: [itemOf(e.of)] };
    case 'at':
      return { ...leaf, source: e.of, computed: [e.key] };
  }
}

/** The expressions directly below this one, each of them once, in the order in which they are written. */
export function below(e: Expression): readonly Expression[] {
  // The list of an item belongs to the expression that goes through it.
  if (e.kind === 'item') return none;
  const { source, computed, shown } = branchesOf(e);
  if (e.kind === 'pick') return [e.of];
  const others = [...computed, ...shown];
  return source === undefined || others.includes(source) ? others : [source, ...others];
}

/** The items and the indexes that a value depends on, and that belong to an expression around it. */
export function outerItems(e: Expression): ReadonlySet<Expression> {
  if (e.kind === 'item' || e.kind === 'index') return new Set([e]);
  const found = new Set(below(e).flatMap((one) => [...outerItems(one)]));
  for (const own of ownItems(e)) found.delete(own);
  return found;
}

/** The items that exist within an expression only. */
function ownItems(e: Expression): readonly Expression[] {
  switch (e.kind) {
    case 'list':
      return [e.item, e.index];
    case 'within':
    case 'filter':
    case 'indexBy':
    case 'groupBy':
      return [e.item];
    case 'distinct':
      return e.by === undefined ? none : [e.by.item];
    case 'byKind':
      return bodiesOf(e).map(({ item }) => item);
    default:
      return none;
  }
}
