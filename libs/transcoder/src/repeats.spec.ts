import { describe, expect, it } from 'vitest';
import { compileInJavaScript } from './javascript/javascript-engine.js';
import { rememberingLast, maxRememberedBytes } from './repeats.js';
import { array, object, scalar, value } from './fixtures/shapes.js';
import { bytesOf, projected } from './fixtures/projection-contract.js';
import type { Projection } from './model/projection.js';

function remembering(): {
  projection: Projection;
  counts: { repeated: number; differing: number };
  read: () => number;
} {
  const a = scalar();
  const inner = compileInJavaScript({ root: object({ a }), writes: [array(value(a))] });
  let reads = 0;
  const counts = { repeated: 0, differing: 0 };
  const counted: Projection = {
    project(bytes) {
      reads++;
      return inner.project(bytes);
    },
  };
  return { projection: rememberingLast(counted, counts), counts, read: () => reads };
}

describe('a text that repeats', () => {
  it('is read once', () => {
    const { projection, counts, read } = remembering();
    for (let round = 0; round < 3; round++) expect(projected(projection, '{"a":1}')).toEqual(['[1]']);
    expect(read()).toBe(1);
    expect(counts).toEqual({ repeated: 2, differing: 1 });
  });

  it('is read again for a byte of difference, wherever it stands', () => {
    const { projection, read } = remembering();
    const bytes = bytesOf(`{"a":"${'x'.repeat(100)}"}`);
    expect(projection.project(bytes)).toHaveLength(1);
    for (let at = 0; at < bytes.length; at++) {
      const other = Buffer.from(bytes);
      other[at] = (other[at] ?? 0) ^ 1;
      const before = read();
      const fresh = remembering().projection.project(other);
      expect(projection.project(other)).toEqual(fresh);
      expect(projection.project(bytes)).toEqual([`["${'x'.repeat(100)}"]`]);
      expect(read() - before, `byte ${at}`).toBeGreaterThan(0);
    }
  });

  it('is not taken for its own beginning, or for a longer one', () => {
    const { projection } = remembering();
    expect(projected(projection, '{"a":12}  ')).toEqual(['[12]']);
    expect(projected(projection, '{"a":12} ')).toEqual(['[12]']);
    expect(projected(projection, '{"a":12')).toBe('left to the parser');
    expect(projected(projection, '{"a":12}]')).toBe('left to the parser');
    expect(projected(projection, '')).toBe('left to the parser');
  });

  it('is not remembered beyond the bound', () => {
    const { projection, counts } = remembering();
    const textOf = (length: number): Uint8Array => bytesOf(`{"a":"${'x'.repeat(length - 8)}"}`);
    for (let round = 0; round < 2; round++) expect(projection.project(textOf(maxRememberedBytes))).toHaveLength(1);
    expect(counts).toEqual({ repeated: 1, differing: 1 });
    for (let round = 0; round < 2; round++) expect(projection.project(textOf(maxRememberedBytes + 1))).toHaveLength(1);
    expect(counts).toEqual({ repeated: 1, differing: 3 });
  });

  it('is not remembered where its texts pass the bound', () => {
    const a = scalar();
    const inner = compileInJavaScript({ root: a, writes: [value(a), value(a)] });
    const counts = { repeated: 0, differing: 0 };
    const projection = rememberingLast(inner, counts);
    const json = `"${'x'.repeat(maxRememberedBytes / 2)}"`;
    for (let round = 0; round < 2; round++) expect(projected(projection, json)).toEqual([json, json]);
    expect(counts).toEqual({ repeated: 0, differing: 2 });
  });
});
