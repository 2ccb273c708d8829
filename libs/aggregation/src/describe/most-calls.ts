import { levelsOf, type PartNode } from '../model/nodes.js';

/** The most calls to services that a plan makes for one request, without attempts, fallbacks and undos. */
export const mostCalls = (nodes: readonly PartNode[]): number => nodes.reduce((sum, node) => sum + callsOf(node), 0);

function callsOf(node: PartNode): number {
  switch (node.kind) {
    case 'step':
      return 0;
    case 'call':
      return 1;
    case 'each':
      return levelsOf(node).reduce((count, { maxCount }) => count * maxCount, 1);
    case 'batch':
      return Math.ceil(node.maxCount / node.size);
    case 'pages':
      return node.maxPages;
  }
}
