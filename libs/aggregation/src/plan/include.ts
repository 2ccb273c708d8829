import { includeNodes } from '../model/construction.js';
import { buildOf, type Plan } from './plan.js';
import type { Part, Ref } from '../model/references.js';
import type { PresentNode, MaybeMissingNode } from './call-types.js';

type Included<Parts, Outs, As extends string> = {
  readonly [K in keyof Parts & string as As extends '' ? K : `${As}${Capitalize<K>}`]: [Parts[K]] extends [
    Part<infer T>,
  ]
    ? MaybeMissingNode<T, 'included', Outs[K & keyof Outs]>
    : PresentNode<Parts[K], 'included', Outs[K & keyof Outs]>;
};

/**
 * Takes all parts of another plan into this one, whose deadline then holds: `return { profile, ...include(basketPlan, { caller }) }`.
 * @param input references for the input of the other plan
 * @param options `as`: a prefix for the names of its parts, where they would clash (`{ as: 'other' }` makes `lines` `otherLines`)
 */
export function include<In, Parts, Outs, const As extends string = ''>(
  plan: Plan<In, Parts, Outs>,
  input: { readonly [K in keyof In]: Ref<In[K]> },
  options: { readonly as?: As } = {},
): Included<Parts, Outs, As> {
  const build = buildOf(plan);
  const nodes = Object.entries(includeNodes(plan.name, () => build(input)));
  const { as } = options;
  const named = nodes.map(([name, node]) => [
    as === undefined ? name : `${as}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    node,
  ]);
  // The references that the other plan returned, under the names that its phantom gives them.
  return Object.fromEntries(named) as Included<Parts, Outs, As>;
}
