import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanNode } from '../../model/state.js';
import { boxHeight, boxWidth, planLayout } from './plan-layout.js';

const node = (name: string, after: readonly string[] = []): PlanNode => ({
  name,
  kind: 'call',
  after,
  hasFallback: false,
});

describe('the picture of a plan', () => {
  it('has a node to the right of all that it waits for, and a line to each', () => {
    const { nodes, edges } = planLayout([node('c', ['a', 'b']), node('a'), node('b', ['a']), node('d')]);
    const x = Object.fromEntries(nodes.map((one) => [one.node.name, one.x]));
    expect(x['a']).toBe(x['d']);
    expect(x['b']).toBeGreaterThan(x['a'] ?? 0);
    expect(x['c']).toBeGreaterThan(x['b'] ?? 0);
    expect(edges.map(({ from, to }) => `${from.node.name}${to.node.name}`).toSorted()).toEqual(['ab', 'ac', 'bc']);
  });

  it('lays no box over another one, and all of them within its size', () => {
    const plans = fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { maxLength: 30 }).map((lists) =>
      // A part reads parts that stand before it.
      lists.map((reads, at) =>
        node(
          `n${at}`,
          [...new Set(reads.filter((one) => one < at))].map((one) => `n${one}`),
        ),
      ),
    );
    fc.assert(
      fc.property(plans, (nodes) => {
        const layout = planLayout(nodes);
        expect(layout.nodes.length).toBe(nodes.length);
        for (const [at, one] of layout.nodes.entries()) {
          expect(one.x + boxWidth).toBeLessThanOrEqual(layout.width);
          expect(one.y + boxHeight).toBeLessThanOrEqual(layout.height);
          for (const other of layout.nodes.slice(at + 1))
            expect(one.x === other.x && Math.abs(one.y - other.y) < boxHeight).toBe(false);
        }
      }),
    );
  });
});
