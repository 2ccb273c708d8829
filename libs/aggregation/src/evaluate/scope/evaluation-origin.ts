import type { Origin } from './evaluation-scope.js';
import { branchesOf } from '../../view/expression-branches.js';
import { expressionText, isolatesItems } from '../../view/expression-reading.js';
import type { Expression } from '../../view/expressions.js';

/** The origin of an expression's value: the part at its root, and the slot of the item that it is in. */
export function originOf(e: Expression, slotOf: (e: Expression) => number): Origin {
  const path = expressionText(e);
  let from = e;
  for (;;) {
    switch (from.kind) {
      case 'part':
        return { part: from.position, itemSlot: undefined, path };
      case 'item':
        if (from.each && isolatesItems(from.of))
          return { ...originOf(from.of, slotOf), itemSlot: slotOf(from) + 1, path };
        from = from.of;
        break;
      case 'at':
        if (isolatesItems(from.of)) return { ...originOf(from.of, slotOf), itemSlot: slotOf(from) + 1, path };
        from = from.of;
        break;
      default: {
        const { source } = branchesOf(from);
        if (source === undefined) return { part: undefined, itemSlot: undefined, path };
        from = source;
      }
    }
  }
}
