import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainVerifier, HashChain, lineHash } from './hash-chain.js';

const verify = (lines: readonly string[]) => {
  const verifier = new ChainVerifier();
  for (const line of lines) verifier.take(line);
  return verifier.result();
};
const written = (count: number, after = ''): string[] => {
  const chain = new HashChain(after);
  return Array.from({ length: count }, (_, i) => chain.link(JSON.stringify({ event: `e${i}` })));
};

describe('lines in which each has the hash of the one before it', () => {
  it('are JSON, and fit', () => {
    const lines = written(3);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { seq: 0, prev: '', event: 'e0' },
      { seq: 1, prev: lineHash(lines[0] ?? ''), event: 'e1' },
      { seq: 2, prev: lineHash(lines[1] ?? ''), event: 'e2' },
    ]);
    expect(verify(lines)).toMatchObject({ lines: 3, others: 0, chains: [{ firstSeq: 0, lastSeq: 2 }] });
    expect(verify(lines).broken).toBeUndefined();
  });

  it('no longer fit once a line is changed, left out, put elsewhere, or put in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(), fc.nat(), (more, at, how) => {
        const lines = written(more + 2);
        // The last line alone can be changed or cut off: the last hash tells.
        const index = at % (lines.length - 1);
        const line = lines[index] ?? '';
        const spoilt = [
          lines.with(index, line.replace('"event":"e', '"event":"f')),
          lines.toSpliced(index === 0 ? 1 : index, lines.length > 2 ? 1 : 0),
          lines.with(index, lines[index + 1] ?? '').with(index + 1, line),
          lines.toSpliced(index + 1, 0, line.replace('"event":"e', '"event":"f')),
        ][how % 4];
        expect(verify(spoilt ?? []).broken).toBeDefined();
      }),
    );
  });

  it('may be those of several processes, between other lines', () => {
    const [one, other] = [written(3), written(3)];
    const mixed = one.flatMap((line, i) => [line, 'no JSON', '{"msg":"request"}', other[i] ?? '']);
    expect(verify(mixed)).toMatchObject({ lines: 12, others: 6, chains: [{ lastSeq: 2 }, { lastSeq: 2 }] });
    expect(verify(mixed).broken).toBeUndefined();
    expect(verify(mixed.toSpliced(4, 1)).broken).toEqual({
      line: 8,
      reason: 'it is number 2 of its chain, and follows number 0',
    });
  });

  it('go on after a restart, and in the next file', () => {
    const first = written(2);
    const second = written(2, lineHash(first[1] ?? ''));
    expect(verify([...first, ...second]).broken).toBeUndefined();
    expect(verify(second).broken).toBeUndefined();
    expect(verify([first[0] ?? '', ...second]).broken).toEqual({
      line: 2,
      reason: 'it follows a line that is not there',
    });
    expect(verify(written(3).slice(1))).toMatchObject({ chains: [{ firstSeq: 1, lastSeq: 2 }] });
  });

  it('are followed to the first one that does not fit, and no further', () => {
    const lines = written(4);
    const verifier = new ChainVerifier();
    expect([lines[0], lines[2], lines[3]].map((line) => verifier.take(line ?? ''))).toEqual([true, false, false]);
    expect(verifier.result()).toMatchObject({ lines: 2, broken: { line: 2 } });
  });
});
