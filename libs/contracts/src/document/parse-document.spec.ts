import { describe, expect, it } from 'vitest';
import { locationOf } from './location.js';
import { defaultLimits, parseDocument } from './parse-document.js';

describe('reading YAML and JSON', () => {
  it('remembers where each object was written', () => {
    const { value } = parseDocument('a.yaml', 'paths:\n  /orders:\n    get:\n      summary: x\n');
    expect(value).toEqual({ paths: { '/orders': { get: { summary: 'x' } } } });
    const { paths } = value as { paths: { '/orders': { get: object } } };
    expect(locationOf(paths['/orders'].get)).toEqual({ file: 'a.yaml', line: 3, column: 5 });
  });

  it('warns of a duplicate key with its line, and takes the last value', () => {
    const { value, warnings } = parseDocument('a.yaml', 'a: 1\nb: 2\na: 3\n');
    expect(value).toEqual({ a: 3, b: 2 });
    expect(warnings).toEqual([
      {
        rule: 'duplicate-key',
        message: 'the key "a" stands twice; the last one counts',
        file: 'a.yaml',
        line: 3,
        column: 1,
      },
    ]);
  });

  it('follows anchors and merge keys; own keys win over merged ones', () => {
    const { value } = parseDocument(
      'a.yaml',
      'base: &b { type: string, minLength: 1 }\nname:\n  <<: *b\n  minLength: 2\nsame: *b\n',
    );
    expect(value).toEqual({
      base: { type: 'string', minLength: 1 },
      name: { minLength: 2, type: 'string' },
      same: { type: 'string', minLength: 1 },
    });
  });

  it('keeps the spelling of keys that look like numbers', () => {
    expect(parseDocument('a.yaml', '200: ok\n"2XX": ok\n').value).toEqual({ '200': 'ok', '2XX': 'ok' });
  });

  it('leaves out a member named __proto__, and says so', () => {
    const { value, warnings } = parseDocument('a.json', '{"__proto__": {"polluted": true}, "a": 1}');
    expect(Object.keys(value as object)).toEqual(['a']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(warnings.map(({ rule }) => rule)).toEqual(['unsafe-key']);
  });

  it('names the line and column of a syntax error', () => {
    expect(() => parseDocument('a.yaml', 'a: [1, 2\nb: }\n')).toThrow(/^a\.yaml:2:\d+: this is neither YAML nor JSON/);
  });
});

describe('G3: hostile documents', () => {
  it('bounds the expansion of aliases', () => {
    const levels = Array.from(
      { length: 12 },
      (_, index) => `a${index + 1}: &a${index + 1} [${Array(10).fill(`*a${index}`).join(', ')}]`,
    );
    const bomb = `a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`;
    expect(() => parseDocument('bomb.yaml', bomb)).toThrow(
      /^bomb\.yaml:\d+:\d+: the aliases of the document stand for more than 1000000 values$/,
    );
  });

  it.each([
    ['brackets', '['.repeat(10_000) + ']'.repeat(10_000)],
    ['objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
    ['brackets below a key', `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['mappings', Array.from({ length: 3_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['list markers', `${'- '.repeat(10_000)}x`],
  ])('refuses 10,000 levels of %s instead of running out of stack', (_, text) => {
    expect(() => parseDocument('deep.yaml', text)).toThrow(
      /^deep\.yaml:\d+:\d+: the document is nested deeper than 200 levels$/,
    );
  });

  it('refuses a text beyond the limit without parsing it', () => {
    expect(() => parseDocument('big.yaml', 'a'.repeat(101), { ...defaultLimits, maxBytes: 100 })).toThrow(
      /more than 100 bytes/,
    );
  });
});
