import fc from 'fast-check';
import { SchemaTable, type Contract, type Operation, type ParameterSpec } from '@frontage/core';
import { describe, expect, it } from 'vitest';
import { inputOf } from './input-of.js';
import { compileSplit } from './read-styles.js';

const [list, object, text] = [
  { isList: true, isObject: false },
  { isList: false, isObject: true },
  { isList: false, isObject: false },
];
const read = (spec: Omit<ParameterSpec, 'name'>, kinds: typeof list, written: string): unknown =>
  compileSplit({ name: 'color', ...spec }, kinds)?.(written) ?? written;

describe('the text of a parameter is read in the style of its contract (OpenAPI 3.1 section 4.8.12.4):', () => {
  const colors = ['blue', 'black', 'brown'];
  const shades = { R: '100', G: '200', B: '150' };
  it.each<[Omit<ParameterSpec, 'name'>, string, string, string]>([
    [{ in: 'path', style: 'matrix' }, ';color=blue', ';color=blue,black,brown', ';color=R,100,G,200,B,150'],
    [
      { in: 'path', style: 'matrix', explode: true },
      ';color=blue',
      ';color=blue;color=black;color=brown',
      ';R=100;G=200;B=150',
    ],
    [{ in: 'path', style: 'label' }, '.blue', '.blue,black,brown', '.R,100,G,200,B,150'],
    [{ in: 'path', style: 'label', explode: true }, '.blue', '.blue.black.brown', '.R=100.G=200.B=150'],
    [{ in: 'path' }, 'blue', 'blue,black,brown', 'R,100,G,200,B,150'],
    [{ in: 'path', style: 'simple', explode: true }, 'blue', 'blue,black,brown', 'R=100,G=200,B=150'],
    [{ in: 'header' }, 'blue', 'blue, black,brown', 'R,100, G,200, B,150'],
    [{ in: 'header', explode: true }, 'blue', 'blue,black, brown', 'R=100, G=200,B=150'],
    [{ in: 'query', explode: false }, 'blue', 'blue,black,brown', 'R,100,G,200,B,150'],
    [{ in: 'query', style: 'spaceDelimited', explode: false }, 'blue', 'blue black brown', 'R 100 G 200 B 150'],
    [{ in: 'query', style: 'pipeDelimited', explode: false }, 'blue', 'blue|black|brown', 'R|100|G|200|B|150'],
  ])('%j', (spec, one, several, members) => {
    expect(read(spec, text, one)).toBe('blue');
    expect(read(spec, list, several)).toEqual(colors);
    expect(read(spec, list, one)).toEqual(['blue']);
    expect(read(spec, object, members)).toEqual(shades);
  });

  it('an empty value of a matrix has no equals sign', () => {
    expect(read({ in: 'path', style: 'matrix', explode: true }, text, ';color')).toBe('');
    expect(read({ in: 'path', style: 'matrix' }, text, ';color')).toBe('');
  });

  it.each<[Omit<ParameterSpec, 'name'>, typeof list, string]>([
    [{ in: 'path', style: 'label' }, text, 'blue'],
    [{ in: 'path', style: 'matrix' }, list, 'blue,black'],
    [{ in: 'path', style: 'matrix', explode: true }, list, ';other=blue'],
    [{ in: 'path' }, object, 'R,100,G'],
    [{ in: 'path', explode: true }, object, 'R=100,=200'],
    [{ in: 'path', style: 'label', explode: true }, object, '.R'],
  ])('text in another style stays text: %j %j %s', (spec, kinds, written) => {
    expect(typeof read(spec, kinds, written)).toBe('string');
  });

  it('exploded parameters of a query come as several, and are not divided', () => {
    expect(compileSplit({ name: 'color', in: 'query' }, list)).toBeUndefined();
    expect(compileSplit({ name: 'color', in: 'query', style: 'pipeDelimited', explode: true }, list)).toBeUndefined();
  });
});

describe('values of every kind', () => {
  // The separators of a style have no second spelling behind the router, which decodes them.
  const word = fc.stringMatching(/^[A-Za-z0-9 _~-]*[A-Za-z0-9]$/);
  const spec = fc.constantFrom<[Omit<ParameterSpec, 'name'>, string, string]>(
    [{ in: 'path' }, '', ','],
    [{ in: 'path', style: 'label' }, '.', ','],
    [{ in: 'path', style: 'label', explode: true }, '.', '.'],
    [{ in: 'path', style: 'matrix' }, ';color=', ','],
    [{ in: 'path', style: 'matrix', explode: true }, ';color=', ';color='],
    [{ in: 'query', explode: false }, '', ','],
    [{ in: 'query', style: 'pipeDelimited', explode: false }, '', '|'],
  );

  it('a list is read as it was written', () => {
    fc.assert(
      fc.property(spec, fc.array(word, { minLength: 1 }), ([style, before, separator], values) => {
        expect(read(style, list, before + values.join(separator))).toEqual(values);
      }),
    );
  });

  it('an object is read as it was written', () => {
    const members = fc.dictionary(word, word, { minKeys: 1 });
    fc.assert(
      fc.property(fc.constantFrom(',', '.', ';'), members, (separator, values) => {
        const style = { ',': 'simple', '.': 'label', ';': 'matrix' } as const;
        const [name, before] = [style[separator as ','], separator === ',' ? '' : separator];
        const pairs = Object.entries(values).map((pair) => pair.join('='));
        const found = read({ in: 'path', style: name, explode: true }, object, before + pairs.join(separator));
        expect(found).toEqual(Object.fromEntries(Object.entries(values)));
      }),
    );
  });
});

describe('a path parameter that is a list or an object', () => {
  const contract: Contract = {
    upstream: 'shop',
    title: 'Shop',
    version: '1',
    schemas: new SchemaTable([
      [
        'find.path',
        JSON.stringify({
          type: 'object',
          required: ['ids', 'box', 'mark'],
          properties: {
            ids: { type: 'array', items: { type: 'integer' } },
            box: { type: 'object', required: ['width'], properties: { width: { type: 'number' }, name: {} } },
            mark: { type: 'integer' },
          },
        }),
      ],
    ]),
  };
  const find: Operation<
    { path: { ids: number[]; box: { width: number; name?: string }; mark: number } },
    string,
    Record<never, never>,
    'GET'
  > = {
    contract,
    id: 'find',
    method: 'GET',
    path: '/find/{ids}/{box}/{mark}',
    parameters: [
      { name: 'ids', in: 'path', required: true },
      { name: 'box', in: 'path', required: true, style: 'matrix', explode: true },
      { name: 'mark', in: 'path', required: true, style: 'label' },
    ],
    inputs: { path: 'find.path' },
    responses: [],
  };

  it('has the types of its contract', () => {
    const sent = { ids: '1,2', box: ';width=2.5;name=small', mark: '.7' };
    expect(inputOf(find).path['~standard'].validate(sent)).toEqual({
      value: { ids: [1, 2], box: { width: 2.5, name: 'small' }, mark: 7 },
    });
  });

  it('is refused with its place where it is something else', () => {
    const sent = { ids: '1,b', box: 'width', mark: '7' };
    expect(inputOf(find).path['~standard'].validate(sent)).toMatchObject({
      issues: [{ path: ['ids', '1'] }, { path: ['box'] }],
    });
  });
});
