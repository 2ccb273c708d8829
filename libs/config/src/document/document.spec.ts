import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { load, least, mistakesOf, policyFiles } from '../fixtures/policy-files.js';
import { loadConfig } from '../load-config.js';

const mistakes = (text: string) => mistakesOf(() => load(text));

describe('a file that cannot be read', () => {
  it('has its syntax error named with line and column', () => {
    expect(mistakes('bff: mobile\nlisten: { port: 4001\nlimits: {}\n')).toEqual([
      expect.stringMatching(/^bff\.yaml:[23]:\d+ {2}.+/),
    ]);
  });

  it('gets a hint where a variable inside braces has no quotes', () => {
    const [first, ...others] = mistakes('bff: mobile\nlisten: { port: ${PORT} }\n');
    expect(first).toContain('bff.yaml:2:');
    expect(first).toContain('a variable needs quotes: "${NAME}"');
    expect(others).toEqual([]);
  });

  it('is refused when it is empty, a list, or two documents', () => {
    expect(mistakes('')).toEqual(['bff.yaml:1:1  this file is empty; a policy begins with "bff: <name>"']);
    expect(mistakes('# only a comment\n')).toEqual([
      'bff.yaml:1:1  this file is empty; a policy begins with "bff: <name>"',
    ]);
    expect(mistakes('- bff\n')).toEqual([
      'bff.yaml:1:1  expected keys and values ("bff: <name>") at the top of this file',
    ]);
    expect(mistakes(`${least}---\nbff: web\n`)).toEqual([
      'bff.yaml:3:1  one file holds one document: remove this "---" and what follows',
    ]);
  });

  it('may not hold the same key twice (F9)', () => {
    expect(mistakes(`${least}limits:\n  maxBody: 1MiB\n  maxBody: 2MiB\n`)).toEqual([
      'bff.yaml:5:3  key "maxBody" stands twice; the first is on line 4',
    ]);
  });

  it('may not hold a name of the language as a key (A14)', () => {
    expect(mistakes(`${least}upstreams:\n  __proto__: { urls: [http://a.test] }\n  constructor: {}\n`)).toEqual([
      'bff.yaml:4:3  "__proto__" cannot be a key',
      'bff.yaml:5:3  "constructor" cannot be a key',
    ]);
    expect(Object.hasOwn(Object.prototype, 'urls')).toBe(false);
  });

  it('may not build objects of the language by a tag', () => {
    expect(mistakes(`${least}limits: !!js/function 'return 1'\n`)[0]).toMatch(/^bff\.yaml:3:\d+ {2}unresolved tag/i);
  });

  it('is refused with a hint where it uses merge keys', () => {
    expect(mistakes(`${least}upstreams:\n  a: &a { urls: [http://a.test] }\n  b: { <<: *a }\n`)).toContain(
      'bff.yaml:5:8  merge keys ("<<") are not read; use "extends:" or repeat the keys',
    );
  });

  it('is refused when its aliases expand without end', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const [index, above] of names.slice(0, -1).entries()) {
      bomb.push(`${names[index + 1]}: &${names[index + 1]} [${Array(10).fill(`*${above}`).join(',')}]`);
    }
    expect(mistakes(bomb.join('\n'))).toEqual([expect.stringContaining('too large or too deep')]);
    expect(mistakes('a: &a\n  b: *a\n')).toEqual([expect.stringContaining('too large or too deep')]);
  });

  it('is refused when an alias has no anchor', () => {
    expect(mistakes(`${least}limits: *nothing\n`)).toEqual([
      'bff.yaml:3:9  there is no such anchor above (a value that begins with * needs quotes)',
    ]);
  });
});

it('reads a file with a byte order mark and with Windows line ends', () => {
  expect(load('\uFEFFbff: mobile\r\nlisten: { port: 4001 }\r\n').bff).toBe('mobile');
  expect(mistakes('\uFEFFbff: mobile\r\nlisten: { prt: 4001, port: 1 }\r\n')).toEqual([
    'bff.yaml:2:11  unknown key "prt"; did you mean "port"?',
  ]);
});

it('names a path that is no file', () => {
  const folder = dirname(policyFiles({ 'bff.yaml': least }));
  expect(() => loadConfig(folder, { env: {} })).toThrow(/:1:1 {2}this file cannot be read \(EISDIR\)/);
});

it('reads anchors and aliases', () => {
  const config = load(`${least}upstreams:\n  a: { urls: &urls [http://a.test] }\n  b: { urls: *urls }\n`);
  expect(config.upstreams['b']?.urls).toEqual(['http://a.test']);
});
