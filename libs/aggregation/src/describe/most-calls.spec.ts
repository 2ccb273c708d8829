import { describe, expect, it } from 'vitest';
import type { PartNode } from '../model/nodes.js';
import { mostCalls } from './most-calls.js';

/** The members of a node that count. */
const node = (members: object): PartNode => members as PartNode;

describe('the most calls of a plan', () => {
  it.each([
    ['a call', { kind: 'call' }, 1],
    ['a step', { kind: 'step' }, 0],
    ['a batch in chunks, the last of which is not full', { kind: 'batch', maxCount: 25, size: 10 }, 3],
    ['pages', { kind: 'pages', maxPages: 4 }, 4],
  ])('counts %s', (_, members, count) => {
    expect(mostCalls([node(members), node({ kind: 'call' })])).toBe(count + 1);
  });
});
