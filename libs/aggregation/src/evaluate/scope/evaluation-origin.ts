import type { EvaluationScope, Origin } from './evaluation-scope.js';
import type { Evaluate, ExpressionCompiler } from './expression-compiler.js';
import { branchesOf } from '../../view/expression-branches.js';
import { expressionText, isolatesItems } from '../../view/expression-reading.js';
import type { Expression } from '../../view/expressions.js';

type Compiler = Pick<ExpressionCompiler, 'raw' | 'slotOf'>;

/** The origin of an expression's value: the part at its root, and the slot of the item that it is in. */
export function originOf(e: Expression, compiler: Compiler): Origin {
  const path = expressionText(e);
  let from = e;
  for (;;) {
    switch (from.kind) {
      case 'part':
        return { part: from.position, itemSlot: undefined, path };
      case 'item': {
        if (!from.each) {
          from = from.of;
          break;
        }
        const slot = compiler.slotOf(from);
        if (isolatesItems(from.of)) return { ...itemOrigin(from.of, slot, compiler), itemSlot: slot + 1, path };
        return { ...itemOrigin(from.of, slot, compiler), path };
      }
      case 'at': {
        if (isolatesItems(from.of))
          return { ...originOf(from.of, compiler), itemSlot: compiler.slotOf(from) + 1, path };
        const entry = from;
        if (entry.of.kind === 'groupBy') from = entry.of;
        else
          return {
            ...itemOrigin(
              entry.of,
              once(() => compiler.raw(entry)),
              compiler,
            ),
            path,
          };
        break;
      }
      case 'merge': {
        const origins = from.parts.map((part) => originOf(part, compiler));
        return { ...(origins.findLast(({ part }) => part !== undefined) ?? none), path };
      }
      default: {
        const { source } = branchesOf(from);
        if (source === undefined) return { ...none, path };
        from = source;
      }
    }
  }
}

const none: Omit<Origin, 'path'> = { part: undefined, itemSlot: undefined };

/**
 * The origin of one item of a list. The items of a list that is made of several come from several parts.
 * @param item the slot that holds the item, or a function that gives it
 */
export function itemOrigin(list: Expression, item: number | Evaluate, compiler: Compiler): Omit<Origin, 'path'> {
  switch (list.kind) {
    case 'take':
    case 'where':
    case 'sort':
    case 'distinct':
    case 'named':
    case 'indexBy':
      return itemOrigin(list.of, item, compiler);
    case 'filter':
      return itemOrigin(list.over, item, compiler);
    case 'at':
      return list.of.kind === 'groupBy' ? itemOrigin(list.of.of, item, compiler) : originOf(list, compiler);
    case 'list': {
      const made = { ...originOf(list.body, compiler), itemSlot: undefined };
      return made.part === undefined ? originOf(list.over, compiler) : made;
    }
    case 'flatten': {
      const inner = list.of.kind === 'list' ? itemOrigin(list.of.body, item, compiler) : originOf(list.of, compiler);
      return { ...inner, itemSlot: undefined };
    }
    case 'concat':
      return oneOf(list.lists, item, compiler);
    case 'otherwise':
      return oneOf([list.of, list.other], item, compiler);
    default:
      return originOf(list, compiler);
  }
}

/** The list that holds the item is looked for after the item was rejected: usual requests pay nothing for it. */
function oneOf(lists: readonly Expression[], item: number | Evaluate, compiler: Compiler): Omit<Origin, 'path'> {
  const origins = lists.map((list) => itemOrigin(list, item, compiler));
  const evaluates = lists.map((list) => once(() => compiler.raw(list)));
  const first = origins.find(({ part }) => part !== undefined) ?? none;
  return {
    ...first,
    trace: (scope) => {
      const value = typeof item === 'number' ? scope.slots[item] : item(scope);
      const at = evaluates.findIndex((evaluate) => holds(evaluate(scope), value));
      const found = origins[at] ?? first;
      return found.trace?.(scope) ?? found;
    },
  };
}

const holds = (list: unknown, value: unknown): boolean => Array.isArray(list) && list.includes(value);

/** Compiled at first use. */
function once(compile: () => Evaluate): Evaluate {
  let made: Evaluate | undefined;
  return (scope: EvaluationScope) => (made ??= compile())(scope);
}
