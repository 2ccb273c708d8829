import { describe, expect, it } from 'vitest';
import { JsonFile } from './json-file.js';

const withItem = (text: string): string => new JsonFile('tsconfig.json', text).withItem('references', { path: 'b' });
const withMember = (text: string, after?: string): string =>
  new JsonFile('nest-cli.json', text).withMember('projects', 'b', { root: 'b', x: {} }, after);

describe('an item added to a list of a JSON file', () => {
  it.each([
    [
      'on a line of its own',
      '{\n  "references": [\n    { "path": "a" }\n  ]\n}\n',
      '{\n  "references": [\n    { "path": "a" },\n    { "path": "b" }\n  ]\n}\n',
    ],
    [
      'on the line of the others',
      '{ "references": [{ "path": "a" }] }',
      '{ "references": [{ "path": "a" }, { "path": "b" }] }',
    ],
    [
      'before a comma at the end',
      '{\n\t"references": [\n\t\t"a",\n\t],\n}',
      '{\n\t"references": [\n\t\t"a",\n\t\t{ "path": "b" },\n\t],\n}',
    ],
    ['as the first', '{\n  "references": []\n}', '{\n  "references": [\n    { "path": "b" }\n  ]\n}'],
    [
      'as the first, where a list is open',
      '{\n  "references": [\n  ]\n}',
      '{\n  "references": [\n    { "path": "b" }\n  ]\n}',
    ],
    [
      'with the line breaks of Windows',
      '{\r\n  "references": [\r\n    "a"\r\n  ]\r\n}',
      '{\r\n  "references": [\r\n    "a",\r\n    { "path": "b" }\r\n  ]\r\n}',
    ],
    [
      'past comments',
      '{\n  // apps\n  "references": [\n    "a" // ours\n  ]\n}',
      '{\n  // apps\n  "references": [\n    "a",\n    { "path": "b" } // ours\n  ]\n}',
    ],
    [
      'past a comma in a comment',
      '{ "references": ["a" /* x, y */, /* , */ ] }',
      '{ "references": ["a" /* x, y */, { "path": "b" }, /* , */ ] }',
    ],
    [
      'after a text with an escaped quote',
      '{ "references": ["a\\",]"] }',
      '{ "references": ["a\\",]", { "path": "b" }] }',
    ],
  ])('stands %s', (_, before, after) => {
    expect(withItem(before)).toBe(after);
  });
});

describe('a member added to an object of a JSON file', () => {
  it('takes the indentation of its neighbours, at any depth', () => {
    expect(withMember('{\n    "projects": {\n        "a": 1\n    }\n}')).toBe(
      '{\n    "projects": {\n        "a": 1,\n        "b": {\n            "root": "b",\n            "x": {}\n        }\n    }\n}',
    );
  });

  it('stands where it is wanted, last where that is nowhere', () => {
    const text = '{\n  "projects": {\n    "a": 1,\n    "c": 2\n  }\n}';
    const order = (after?: string) => Object.keys(JSON.parse(withMember(text, after)).projects);
    expect([order('a'), order('c'), order('z'), order()]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c', 'b'],
      ['a', 'c', 'b'],
      ['a', 'c', 'b'],
    ]);
  });

  it('is the first where there is none', () => {
    expect(JSON.parse(withMember('{ "projects": {} }'))).toEqual({ projects: { b: { root: 'b', x: {} } } });
  });
});

describe('a JSON file', () => {
  it('is read as data', () => {
    const file = new JsonFile('a.json', '{ "a": [1, "b", null, true, -2.5, { "c": [] }], }');
    expect(file.read('a')).toEqual([1, 'b', null, true, -2.5, { c: [] }]);
    expect(file.read('toString')).toBeUndefined();
  });

  it.each([
    ['{ "a" 1 }', /^a\.json:1:7: this is no JSON: /],
    ['{\n  "a": [1,\n', /^a\.json:3:1: this is no JSON: /],
    ['{\r\n  "a": tru\r\n}', /^a\.json:2:8: this is no JSON: invalid symbol/],
    ['{ "a": "b\n" }', /^a\.json:1:8: this is no JSON: unexpected end of string/],
    ['{ "a": 1 } x', /^a\.json:1:12: this is no JSON: /],
    ['', /^a\.json:1:1: this is no JSON: value expected/],
    ['/* a', /^a\.json:1:1: this is no JSON: /],
    ['[]', /^a\.json:1:1: an object is expected/],
  ])('that reads %j says where it is wrong', (text, message) => {
    expect(() => new JsonFile('a.json', text)).toThrow(message);
  });

  it('has the members that it says, whatever they are called', () => {
    const file = new JsonFile('a.json', '{ "__proto__": [1], "": 2, "a.b": { "__proto__": 3 } }');
    expect([file.read('__proto__'), file.read(''), file.read('constructor')]).toEqual([[1], 2, undefined]);
    expect(Object.keys(file.read('a.b') ?? {}).length).toBeLessThan(2);
    expect(({} as Readonly<Record<string, unknown>>)['3']).toBeUndefined();
  });

  it('says what it should have, where it has something else', () => {
    expect(() => withItem('{ "references": {} }')).toThrow(
      'tsconfig.json has no "references" as Frontage needs it: a list is expected there',
    );
    expect(() => withMember('{}')).toThrow('nest-cli.json has no "projects" as Frontage needs it');
  });
});

describe('an item taken out of a list', () => {
  const list = (...paths: readonly string[]): string =>
    `{\n  // apps\n  "references": [${paths.map((path) => `{ "path": "${path}" }`).join(', ')}]\n}\n`;

  it.each([
    ['the first', ['a', 'b', 'c'], 'a', ['b', 'c']],
    ['one between', ['a', 'b', 'c'], 'b', ['a', 'c']],
    ['the last', ['a', 'b', 'c'], 'c', ['a', 'b']],
    ['the only one', ['a'], 'a', []],
    ['one that is not there', ['a'], 'z', ['a']],
  ])('leaves the rest as it is: %s', (_, paths, gone, rest) => {
    expect(new JsonFile('tsconfig.json', list(...paths)).withoutItem('references', gone)).toBe(list(...rest));
  });

  it('is none where there is no list', () => {
    expect(new JsonFile('tsconfig.json', '{}').withoutItem('references', 'a')).toBe('{}');
  });
});

describe('a member at the root', () => {
  it('stands behind the named one, else at the end', () => {
    const file = new JsonFile('package.json', '{\n  "name": "a",\n  "type": "module"\n}\n');
    expect(file.withRootMember('imports', { '#x': './x' }, 'name')).toBe(
      '{\n  "name": "a",\n  "imports": {\n    "#x": "./x"\n  },\n  "type": "module"\n}\n',
    );
    expect(JSON.parse(file.withRootMember('imports', {}))).toEqual({ name: 'a', type: 'module', imports: {} });
    expect(new JsonFile('package.json', '{}').withRootMember('imports', 1)).toBe('{\n  "imports": 1\n}');
  });
});

describe('a member and an item that are taken out of a JSON file', () => {
  it.each([
    ['the only one', '{\n  "projects": {}\n}\n', undefined],
    ['the last one', '{\n  "projects": {\n    "a": { "x": 1 }\n  }\n}\n', undefined],
    ['one in the middle', '{\n  "projects": {\n    "a": {},\n    "c": {}\n  }\n}\n', 'a'],
    ['one on the line of others', '{ "projects": { "a": {}, "c": {} } }', 'a'],
    ['one with the line breaks of Windows', '{\r\n  "projects": {\r\n    "a": {}\r\n  }\r\n}\r\n', 'a'],
  ])('leave the text as it was before: %s', (_, text, after) => {
    const added = withMember(text, after);
    expect(added).not.toBe(text);
    expect(new JsonFile('nest-cli.json', added).withoutMember('projects', 'b')).toBe(text);
  });

  it('may be the first of several', () => {
    const text = '{\n  "projects": {\n    "a": {},\n    "b": {} // ours\n  }\n}';
    expect(new JsonFile('nest-cli.json', text).withoutMember('projects', 'a')).toBe(
      '{\n  "projects": {\n    "b": {} // ours\n  }\n}',
    );
  });

  it.each([
    ['{ "references": [] }', '{ "references": [] }'],
    ['{ "references": [\n    { "path": "b" }\n  ] }', '{ "references": [] }'],
    ['{ "references": [\n    { "path": "b" },\n  ] }', '{ "references": [] }'],
    ['{ "references": [{ "path": "b" } /* ours */] }', '{ "references": [ /* ours */] }'],
  ])('may be the only item: %s', (text, after) => {
    expect(new JsonFile('tsconfig.json', text).withoutItem('references', 'b')).toBe(after);
  });

  it('are left alone where they are not there', () => {
    const text = '{ "projects": { "a": {} } }';
    expect(new JsonFile('nest-cli.json', text).withoutMember('projects', 'b')).toBe(text);
    expect(new JsonFile('nest-cli.json', text).withoutMember('references', 'b')).toBe(text);
  });
});

it('a text in a JSON file is replaced where it stands', () => {
  const file = new JsonFile(
    'nest-cli.json',
    '{ "root": "a", "compilerOptions": { "path": "a/\\u0062", "n": 1 } } // end',
  );
  expect(file.withText(['compilerOptions', 'path'], 'c"')).toBe(
    '{ "root": "a", "compilerOptions": { "path": "c\\"", "n": 1 } } // end',
  );
  expect(file.withText(['compilerOptions', 'n'], 'c')).toBe(file.text);
  expect(file.withText(['other'], 'c')).toBe(file.text);
});
