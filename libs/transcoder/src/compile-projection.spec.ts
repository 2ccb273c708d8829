import { afterEach, describe, expect, it, vi } from 'vitest';
import { compileProjection, transcoderCounts } from './index.js';
import { engineContract } from './fixtures/engine-contract.js';
import { bytesOf, projected } from './fixtures/projection-contract.js';
import { array, list, object, scalar, value } from './fixtures/shapes.js';

engineContract('a process', compileProjection);

describe('the counts of a process', () => {
  it('count projected, parsed, repeated and foreseen texts', () => {
    const [a, b] = [scalar(), scalar()];
    const items = list(object({ a }), value(a));
    const one = compileProjection({ root: items, writes: [value(items)] });
    const two = compileProjection({ root: object({ a: b }), writes: [array(value(b))] });
    const before = { ...transcoderCounts };
    for (let round = 0; round < 3; round++) {
      expect(projected(one, '[{"a":1},{"a":2}]')).toEqual(['[1,2]']);
      expect(projected(two, '{"a":1}')).toEqual(['[1]']);
    }
    expect(projected(one, '[')).toBe('left to the parser');
    const grown = (name: keyof typeof transcoderCounts): number => transcoderCounts[name] - before[name];
    expect([grown('projected'), grown('leftToParser')]).toEqual([6, 1]);
    expect([grown('repeated'), grown('differing')]).toEqual([4, 3]);
    expect([grown('foreseen'), grown('unforeseen')]).toEqual([1, 2]);
  });

  it('do not miss a text that repeats in another projection', () => {
    const [a, b] = [scalar(), scalar()];
    const one = compileProjection({ root: object({ a }), writes: [value(a)] });
    const two = compileProjection({ root: object({ a: b }), writes: [array(value(b))] });
    const bytes = bytesOf('{"a":"x"}');
    for (let round = 0; round < 3; round++) {
      expect(one.project(bytes)).toEqual(['"x"']);
      expect(two.project(bytes)).toEqual(['["x"]']);
    }
  });
});

describe('a process without WebAssembly', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it.each([
    ['at all', undefined],
    ['with SIMD', { validate: () => false }],
  ])('projects in JavaScript: none %s', async (_, stub) => {
    vi.stubGlobal('WebAssembly', stub);
    vi.resetModules();
    const fresh = await import('./index.js');
    const a = scalar();
    const projection = fresh.compileProjection({ root: object({ a }), writes: [value(a)] });
    // The engine in WebAssembly leaves this exponent to the parser.
    expect(projected(projection, '{"a":1e005}')).toEqual(['100000']);
    expect(fresh.transcoderCounts).toMatchObject({ projected: 1, foreseen: 0, unforeseen: 0 });
  });
});
