import fc from 'fast-check';
import { format, getFileInfo } from 'prettier';
import { describe, expect, it } from 'vitest';
import { mergeFile, type FileMerge } from './merge-file.js';
import { hasMarkers, mergeLines } from './merge-lines.js';

const labels = { yours: 'yours', before: 'template 1', now: 'template 2' };
const formatted = async (path: string, text: string): Promise<string> => {
  const { inferredParser } = await getFileInfo(path);
  if (inferredParser === null) return text;
  return format(text, { filepath: path, singleQuote: true }).catch(() => text);
};
type Text = string | undefined;
const merge = (path: string, yours: string, before: Text, now: string): Promise<FileMerge> =>
  mergeFile({ path, yours, before, now, labels }, formatted);
const textOf = (result: FileMerge): string => {
  if (result.kind === 'kept') return expect.fail('the file is kept');
  const { content } = result;
  const data = typeof content === 'string' ? content : content.data;
  return typeof data === 'string' ? data : expect.fail('bytes');
};

describe('a text', () => {
  it('is kept where the template says nothing new, and the formatter is another one', async () => {
    // Neither the old rendering nor the file of the team is formatted as it would be now.
    expect(await merge('a.ts', 'const a = "1"\n', 'const a = "0"\n', "const a = '0';\n")).toEqual({ kind: 'kept' });
  });

  it('is replaced where the team has not changed it', async () => {
    expect(await merge('a.ts', 'const a = "0"\n', "const a = '0';\n", "const a = '1';\n")).toEqual({
      kind: 'replaced',
      content: "const a = '1';\n",
    });
  });

  it('is kept where the team has made the change of the template already, beside its own', async () => {
    expect(await merge('Dockerfile', 'A\nb\nc\nd\nE\n', 'a\nb\nc\nd\ne\n', 'a\nb\nc\nd\nE\n')).toEqual({
      kind: 'kept',
    });
  });

  it('has the changes of both sides, and markers only where both have changed the same lines', async () => {
    const before = 'a\nb\nc\nd\ne\nf\n';
    expect(await merge('Dockerfile', 'A\nb\nc\nd\ne\nf\n', before, 'a\nb\nc\nd\ne\nF\n')).toEqual({
      kind: 'merged',
      content: 'A\nb\nc\nd\ne\nF\n',
    });
    expect(await merge('Dockerfile', 'A\nb\nc\nmine\ne\nf\n', before, 'a\nb\nc\ntheirs\ne\nF\n')).toEqual({
      kind: 'conflict',
      places: 1,
      isBytes: false,
      content: `A
b
c
<<<<<<< yours
mine
||||||| template 1
d
=======
theirs
>>>>>>> template 2
e
F
`,
    });
  });

  it('has both texts of every difference where the base is lost', async () => {
    const result = await merge('Dockerfile', 'a\nmine\nc\n', undefined, 'a\ntheirs\nc\n');
    expect(textOf(result)).toBe('a\n<<<<<<< yours\nmine\n=======\ntheirs\n>>>>>>> template 2\nc\n');
    expect(await merge('Dockerfile', 'a\n', undefined, 'a\n')).toEqual({ kind: 'kept' });
  });

  it('keeps line breaks, byte order mark and the missing line break at its end', async () => {
    expect(await merge('notes.txt', '\uFEFFA\r\nb\r\nc\r\nd', 'a\nb\nc\nd\n', 'a\nb\nc\nD\nd\n')).toEqual({
      kind: 'merged',
      content: '\uFEFFA\r\nb\r\nc\r\nD\r\nd',
    });
    expect(await merge('notes.txt', 'a\r\nb', 'a\nb\n', 'a\nc\n')).toEqual({ kind: 'replaced', content: 'a\r\nc' });
    expect(await merge('notes.txt', '\uFEFFa\r\nb', 'a\nb\n', 'a\nb\n')).toEqual({ kind: 'kept' });
  });
});

describe('bytes', () => {
  const bytes = (...values: number[]) => ({ data: Uint8Array.from([0, ...values]), isExecutable: false });
  it('are replaced, kept, or stay as the team has them, and never merged', async () => {
    const merged = (yours: number, before: number, now: number): Promise<FileMerge> =>
      mergeFile({ path: 'a.png', yours: bytes(yours), before: bytes(before), now: bytes(now), labels }, formatted);
    expect(await merged(1, 1, 2)).toEqual({ kind: 'replaced', content: bytes(2) });
    expect(await merged(2, 1, 1)).toEqual({ kind: 'kept' });
    expect(await merged(2, 1, 3)).toEqual({ kind: 'conflict', content: bytes(2), places: 1, isBytes: true });
  });

  it('of a script become executable where the template makes them so', async () => {
    const now = { data: '#!/bin/sh\n', isExecutable: true };
    const result = await mergeFile(
      { path: 'run', yours: '#!/bin/sh\n', before: '#!/bin/sh\n', now, labels },
      formatted,
    );
    expect(result).toEqual({ kind: 'replaced', content: now });
  });
});

describe('JSON', () => {
  const json = (value: unknown): string => JSON.stringify(value, null, 2);
  it('is merged by key where the lines of both sides meet', async () => {
    const before = { name: 'tv', dependencies: { '@frontage/auth': '*', reflect: '^1.0.0' } };
    const yours = { ...before, dependencies: { ...before.dependencies, zod: '^4.0.0' } };
    const now = { ...before, dependencies: { ...before.dependencies, rxjs: '^7.0.0' } };
    const text = textOf(await merge('package.json', json(yours), json(before), json(now)));
    expect(Object.keys(JSON.parse(text).dependencies)).toEqual(['@frontage/auth', 'reflect', 'rxjs', 'zod']);
  });

  it('takes the higher of two ranges of a package', async () => {
    const manifest = (range: string): string => json({ dependencies: { zod: range } });
    expect(textOf(await merge('package.json', manifest('^4.2.0'), manifest('^4.0.0'), manifest('^4.10.0')))).toContain(
      '"^4.10.0"',
    );
    expect(await merge('package.json', manifest('^5.0.0'), manifest('^4.0.0'), manifest('^4.10.0'))).toEqual({
      kind: 'kept',
    });
    expect(await merge('package.json', manifest('~4.2.0'), manifest('^4.0.0'), manifest('^4.10.0'))).toMatchObject({
      kind: 'conflict',
    });
  });

  it('keeps comments, and marks the one member that both have changed', async () => {
    const yours = '{\n  // Our reason.\n  "a": 2,\n  "b": 1\n}\n';
    const result = await merge('tsconfig.json', yours, '{ "a": 1, "b": 1 }', '{ "a": 3, "b": 2, "c": 4 }');
    expect(result).toMatchObject({ kind: 'conflict', places: 1 });
    expect(textOf(result)).toBe(`{
  // Our reason.
<<<<<<< yours
  "a": 2,
||||||| template 1
  "a": 1,
=======
  "a": 3,
>>>>>>> template 2
  "b": 2,
  "c": 4
}
`);
  });

  it('never mixes the lines of two members that both have changed', async () => {
    const result = await merge(
      'a.json',
      '{\n  "b": 0,\n  "c": {\n    "a": 0\n  }\n}\n',
      '{\n  "c": {\n    "a": []\n  }\n}\n',
      '{\n  "d": {},\n  "c": "x",\n  "b": {\n    "a": []\n  }\n}\n',
    );
    const text = textOf(result);
    expect(text.match(/<{7}/g)).toHaveLength(1);
    const side = (kept: string): unknown =>
      JSON.parse(text.replace(/<{7}.*\n([^]*?)\|{7}.*\n([^]*?)={7}\n([^]*?)>{7}.*\n/, kept));
    expect(side('$1')).toEqual({ b: 0, c: { a: 0 }, d: {} });
    expect(side('$3')).toEqual({ b: { a: [] }, c: 'x', d: {} });
  });

  it('has the items that both have added to a list, and no member that the team has deleted', async () => {
    const result = await merge(
      'a.json',
      '{ "list": ["a", "mine"] }',
      '{ "list": ["a"], "gone": 1 }',
      '{ "list": ["a", "theirs"], "gone": 2 }',
    );
    expect(JSON.parse(textOf(result))).toEqual({ list: ['a', 'mine', 'theirs'] });
  });
});

describe('YAML', () => {
  it('is merged by key, with the comments and the order of the team, and those of what is new', async () => {
    const before = 'bff: tv\nupstreams:\n  users: { urls: [a], required: true }\n  orders: { urls: [b] }\n';
    const yours = `# Ours.
bff: tv
upstreams:
  orders: { urls: [b] }
  # The pilot.
  users: { urls: [a], required: true, timeout: 2s } # slow
`;
    const now = `bff: tv
# Phones wait.
upstreamDefaults: { timeout: 600ms }
upstreams:
  users: { urls: [a] }
  orders: { urls: [c] }
`;
    const result = await merge('bff.yaml', yours, before, now);
    expect(result).toEqual({
      kind: 'merged',
      content: `# Ours.
bff: tv
# Phones wait.
upstreamDefaults: { timeout: 600ms }
upstreams:
  orders: { urls: [c] }
  # The pilot.
  users: { urls: [a], timeout: 2s } # slow
`,
    });
  });

  it('is merged by line where it has anchors, several documents or mistakes', async () => {
    for (const form of ['a: &x 1\nb: 1\nc: *x\nd: 1\n', '---\na: 1\nb: 1\n---\nd: 1\n', 'a: [\nb: 1\nc: 1\nd: 1\n']) {
      const result = await merge('a.yaml', form.replace('b: 1', 'b: 2'), form, form.replace('d: 1', 'd: 3'));
      expect(textOf(result)).toBe(await formatted('a.yaml', form.replace('b: 1', 'b: 2').replace('d: 1', 'd: 3')));
    }
  });
});

/** Lines of which the team has more than the base must be in the result as often as the team has added them. */
function lost(yours: string, before: string, result: string): string[] {
  const count = (text: string): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const line of text.split('\n')) counts.set(line.trim(), (counts.get(line.trim()) ?? 0) + 1);
    return counts;
  };
  const [mine, base, merged] = [count(yours), count(before), count(result)];
  return [...mine.keys()].filter((line) => (merged.get(line) ?? 0) < (mine.get(line) ?? 0) - (base.get(line) ?? 0));
}

const word = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', '  g', '');
const file = fc.array(word, { maxLength: 14 });
interface Edit {
  readonly at: number;
  readonly deleted: number;
  readonly added: readonly string[];
}
const edits = (words: fc.Arbitrary<string>): fc.Arbitrary<readonly Edit[]> =>
  fc.array(fc.record({ at: fc.nat(14), deleted: fc.nat(3), added: fc.array(words, { maxLength: 3 }) }), {
    maxLength: 4,
  });
const edited = (lines: readonly string[], changes: readonly Edit[]): string[] =>
  changes.reduce<string[]>(
    (all, { at, deleted, added }) => all.toSpliced(Math.min(at, all.length), deleted, ...added),
    [...lines],
  );
const textOfLines = (lines: readonly string[]): string => (lines.length === 0 ? '' : `${lines.join('\n')}\n`);

describe('for whatever both sides have changed', () => {
  it('no line of the team is lost, and a result without markers has every line that the template added', () => {
    const mineWord = fc.oneof(word, fc.constantFrom('mine 1', 'mine 2', 'both'));
    const theirWord = fc.oneof(word, fc.constantFrom('theirs 1', 'theirs 2', 'both'));
    fc.assert(
      fc.property(file, edits(mineWord), edits(theirWord), fc.boolean(), (base, mine, theirs, isLost) => {
        const [before, yours, now] = [base, edited(base, mine), edited(base, theirs)].map(textOfLines);
        const { text, conflicts } = mergeLines(yours ?? '', isLost ? undefined : before, now ?? '', labels);
        expect(lost(yours ?? '', before ?? '', text)).toEqual([]);
        expect(lost(now ?? '', before ?? '', text)).toEqual([]);
        expect(hasMarkers(text)).toBe(conflicts > 0);
        if (yours === before && !isLost) expect(text).toBe(now);
        if (now === before && !isLost) expect(text).toBe(yours);
      }),
      { numRuns: 5000 },
    );
  });

  const leaf = fc.oneof(
    fc.nat(3),
    fc.constantFrom('x', 'y', 'z'),
    fc.array(fc.constantFrom('p', 'q', 'r'), { maxLength: 3 }),
  );
  const tree = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.oneof(leaf, fc.dictionary(fc.constantFrom('a', 'b', 'c'), leaf, { maxKeys: 3 })),
    { maxKeys: 4 },
  );
  /** Every conflict resolved in favour of the team. */
  const withYours = (marked: string): string =>
    marked.replaceAll(/^\|{7} template 1\n[^]*?^>{7} template 2$\n?/gm, '').replaceAll(/^<{7} yours\n/gm, '');
  const entries = (value: unknown, path = ''): [string, string][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, member]) => entries(member, `${path}/${name}`))
      : [[path, JSON.stringify(value)]];

  it.each(['a.json', 'a.yaml'])('no value of the team is lost in %s, and it can still be read', async (path) => {
    const { parse, stringify } = await import('yaml');
    const text = (value: unknown): string =>
      path.endsWith('json') ? JSON.stringify(value, null, 2) : stringify(value);
    await fc.assert(
      fc.asyncProperty(tree, tree, tree, async (before, yours, now) => {
        const result = await merge(path, text(yours), text(before), text(now));
        const known = new Map(entries(before));
        const changed = entries(yours).filter(([way, value]) => known.get(way) !== value);
        const merged: unknown = parse(result.kind === 'kept' ? text(yours) : withYours(textOf(result)));
        const there = new Map(entries(merged));
        for (const [way, value] of changed) {
          if (value.startsWith('[') && value !== '[]')
            for (const item of JSON.parse(value)) {
              const had: unknown = JSON.parse(known.get(way) ?? '[]');
              if (!Array.isArray(had) || !had.includes(item))
                expect(there.get(way) ?? '').toContain(JSON.stringify(item));
            }
          else if (value !== '[]' && value !== '{}') expect(there.get(way)).toBe(value);
        }
      }),
      { numRuns: 300 },
    );
  });
});
