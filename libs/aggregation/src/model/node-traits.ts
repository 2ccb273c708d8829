import type { ResponseFields } from '@frontage/core';
import { levelsOf, type FieldPath, type KeySource, type PartNode, type PlanNode } from './nodes.js';

/** The facts about a node of a plan that follow from its kind. */
export interface NodeTraits {
  /** The lists that it goes through. */
  readonly lists: readonly FieldPath[];
  /** The values that it takes or decides on itself, beside those that its calls read. */
  readonly values: readonly FieldPath[];
  /** The nodes that exist only within this one. */
  readonly locals: readonly PlanNode[];
  /** The number of its calls that run one after the other, at most. 0 for a step. */
  readonly rounds: number;
  /**
   * The form of its value: the response of one call, a list of the responses of several, a list or a table of their items, or the result of
   * a step.
   */
  readonly yields: 'response' | 'responses' | 'items' | 'table' | 'computed';
  /** The member of a response that holds the items; '' for the whole response. */
  readonly member: string;
  /** True if one of its items can fail while the others are present. */
  readonly isolatesItems: boolean;
}

/** The declared headers of the response of a part; of a part with several calls, those of each, null where it has no response. */
export type PartHeaders = ResponseFields | readonly (PartHeaders | null)[];

const withHeadersRead = new WeakSet<PlanNode>();
/** Headers of a part with several calls are kept only where a plan or a view reads them: both say so before they are compiled. */
export const markHeadersRead = (node: PartNode): void => void withHeadersRead.add(node);
export const areHeadersRead = (node: PartNode): boolean => withHeadersRead.has(node);

const whenOf = ({ when }: { readonly when?: FieldPath }): readonly FieldPath[] => (when === undefined ? [] : [when]);

const none: readonly never[] = [];

/** The only list of traits by kind. A new kind of node states its traits here. */
export function traitsOf(node: PartNode): NodeTraits {
  switch (node.kind) {
    case 'call':
      return {
        lists: none,
        values: none,
        locals: none,
        rounds: 1,
        yields: 'response',
        member: '',
        isolatesItems: false,
      };
    case 'each':
      return {
        lists: levelsOf(node).map(({ over }) => over),
        values: levelsOf(node).flatMap(whenOf),
        locals: levelsOf(node).map(({ item }) => item),
        rounds: Math.ceil(levelsOf(node).reduce((count, { maxCount }) => count * maxCount, 1) / node.concurrency),
        yields: 'responses',
        member: '',
        isolatesItems: node.call.need === 'optional',
      };
    case 'batch':
      return {
        lists: node.keys.flatMap(pathsOfKeys),
        values: whenOf(node),
        locals: [node.chunk, ...node.keys.flatMap(itemsOfKeys)],
        rounds: Math.ceil(Math.ceil(node.maxCount / node.size) / node.concurrency),
        yields: 'table',
        member: node.items ?? '',
        isolatesItems: node.call.need === 'optional',
      };
    case 'pages':
      return {
        lists: none,
        values: none,
        locals: [node.cursor],
        rounds: node.maxPages,
        yields: 'items',
        member: node.items ?? '',
        isolatesItems: false,
      };
    case 'step':
      return {
        lists: none,
        values: node.deps.map(([, field]) => field),
        locals: none,
        rounds: 0,
        yields: 'computed',
        member: '',
        isolatesItems: false,
      };
  }
}

const pathsOfKeys = ({ list, inner }: KeySource): readonly FieldPath[] =>
  inner === undefined ? [list] : [list, ...('node' in inner.of ? [inner.of] : pathsOfKeys(inner.of))];

const itemsOfKeys = ({ inner }: KeySource): readonly PlanNode[] =>
  inner === undefined ? [] : [inner.item, ...('node' in inner.of ? [] : itemsOfKeys(inner.of))];
