import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallArgs, ParameterPlace, ParameterSpec } from '@frontage/core';
import { compileEncoder } from './encode.js';
import { EncodeError } from './encode-value.js';
import { operation } from '../fixtures/operations.js';

const array = ['blue', 'black', 'brown'];
const object = { R: 100, G: 200, B: 150 };

type Style = Partial<Omit<ParameterSpec, 'name' | 'in'>>;

function encoderOf(place: ParameterPlace, style: Style, path = place === 'path' ? '/x/{color}' : '/x') {
  return compileEncoder(operation({ path, parameters: [{ name: 'color', in: place, ...style }] }));
}

function write(place: ParameterPlace, style: Style, value: unknown): string {
  const encoder = encoderOf(place, style);
  const args: CallArgs = { [place]: { color: value } };
  if (place === 'path') return encoder.target(args).slice('/x/'.length);
  if (place === 'query') return encoder.target(args).slice('/x?'.length);
  const headers: string[] = [];
  encoder.headers?.(args, headers);
  return headers[1] ?? '';
}

describe('a parameter is written as OpenAPI 3.1 says', () => {
  it.each<[ParameterPlace, Style, unknown, string]>([
    ['path', {}, 'blue', 'blue'],
    ['path', {}, array, 'blue,black,brown'],
    ['path', {}, object, 'R,100,G,200,B,150'],
    ['path', { explode: true }, 'blue', 'blue'],
    ['path', { style: 'label', explode: true }, 'blue', '.blue'],
    ['path', { style: 'matrix', explode: true }, '', ';color'],
    ['path', { style: 'matrix', explode: true }, 'blue', ';color=blue'],
    ['path', { explode: true }, array, 'blue,black,brown'],
    ['path', { explode: true }, object, 'R=100,G=200,B=150'],
    ['path', { style: 'label' }, 'blue', '.blue'],
    ['path', { style: 'label' }, array, '.blue,black,brown'],
    ['path', { style: 'label' }, object, '.R,100,G,200,B,150'],
    ['path', { style: 'label', explode: true }, array, '.blue.black.brown'],
    ['path', { style: 'label', explode: true }, object, '.R=100.G=200.B=150'],
    ['path', { style: 'matrix' }, '', ';color'],
    ['path', { style: 'matrix' }, 'blue', ';color=blue'],
    ['path', { style: 'matrix' }, array, ';color=blue,black,brown'],
    ['path', { style: 'matrix' }, object, ';color=R,100,G,200,B,150'],
    ['path', { style: 'matrix', explode: true }, array, ';color=blue;color=black;color=brown'],
    ['path', { style: 'matrix', explode: true }, object, ';R=100;G=200;B=150'],
    ['query', {}, '', 'color='],
    ['query', {}, 'blue', 'color=blue'],
    ['query', {}, array, 'color=blue&color=black&color=brown'],
    ['query', {}, object, 'R=100&G=200&B=150'],
    ['query', { explode: false }, '', 'color='],
    ['query', { explode: false }, 'blue', 'color=blue'],
    ['query', {}, [], ''],
    ['query', {}, {}, ''],
    ['query', {}, ['', 'a', null], 'color=&color=a'],
    ['query', { explode: false }, [], ''],
    ['query', { style: 'pipeDelimited', explode: true }, array, 'color=blue&color=black&color=brown'],
    ['query', { style: 'deepObject', explode: true }, {}, ''],
    ['query', { style: 'deepObject', explode: true }, 'blue', 'color=blue'],
    ['query', { style: 'deepObject', explode: true }, ['a', 'b'], 'color%5B0%5D=a&color%5B1%5D=b'],
    [
      'query',
      { style: 'deepObject', explode: true },
      { a: { b: [{ c: 1 }] }, d: null, e: '' },
      'color%5Ba%5D%5Bb%5D%5B0%5D%5Bc%5D=1&color%5Be%5D=',
    ],
    ['query', { explode: false }, array, 'color=blue,black,brown'],
    ['query', { explode: false }, object, 'color=R,100,G,200,B,150'],
    ['query', { style: 'spaceDelimited', explode: false }, array, 'color=blue%20black%20brown'],
    ['query', { style: 'spaceDelimited', explode: false }, object, 'color=R%20100%20G%20200%20B%20150'],
    ['query', { style: 'pipeDelimited', explode: false }, array, 'color=blue%7Cblack%7Cbrown'],
    ['query', { style: 'pipeDelimited', explode: false }, object, 'color=R%7C100%7CG%7C200%7CB%7C150'],
    ['query', { style: 'deepObject', explode: true }, object, 'color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
    ['query', { allowReserved: true }, 'a/b?c:d@e,f=g', 'color=a/b?c:d@e,f=g'],
    ['query', { content: 'application/json' }, { a: ['&'] }, 'color=%7B%22a%22%3A%5B%22%26%22%5D%7D'],
    ['header', {}, 'blue', 'blue'],
    ['header', {}, '', ''],
    ['header', {}, [], ''],
    ['header', { explode: true }, array, 'blue,black,brown'],
    ['cookie', {}, '', 'color='],
    ['cookie', {}, array, 'color=blue; color=black; color=brown'],
    ['cookie', { explode: false }, object, 'color=R,100,G,200,B,150'],
    ['header', {}, array, 'blue,black,brown'],
    ['header', {}, object, 'R,100,G,200,B,150'],
    ['header', { explode: true }, object, 'R=100,G=200,B=150'],
    ['header', { content: 'application/json' }, { a: 'é' }, '{"a":"\\u00e9"}'],
    ['cookie', {}, 'blue', 'color=blue'],
    ['cookie', { explode: false }, array, 'color=blue,black,brown'],
    ['cookie', {}, object, 'R=100; G=200; B=150'],
  ])('%s %o %o', (place, style, value, expected) => {
    expect(write(place, style, value)).toBe(expected);
  });

  it('writes numbers, booleans and big integers as their text', () => {
    expect([1.5, -0, true, 10n ** 20n].map((value) => write('query', {}, value))).toEqual([
      'color=1.5',
      'color=0',
      'color=true',
      'color=100000000000000000000',
    ]);
  });
});

describe('one value stays one value (A12)', () => {
  it.each([
    ['a/b', 'a%2Fb'],
    ['?x=1', '%3Fx%3D1'],
    ['#', '%23'],
    ['&custId=2', '%26custId%3D2'],
    ['%2F', '%252F'],
    ['a\r\nx: y', 'a%0D%0Ax%3A%20y'],
    ['a/b.c/..d', 'a%2Fb.c%2F..d'],
    ['\u2025\uff0e', '%E2%80%A5%EF%BC%8E'],
    ["!'()*", '%21%27%28%29%2A'],
    ['\\', '%5C'],
    [';a=b', '%3Ba%3Db'],
  ])('in path and query: %j', (value, expected) => {
    expect(write('path', {}, value)).toBe(expected);
    expect(write('query', {}, value)).toBe(`color=${expected}`);
  });

  it.each(['', '.', '..'])('refuses %j as a segment, which no spelling makes safe', (value) => {
    expect(() => write('path', {}, value)).toThrow(EncodeError);
  });

  it('refuses what becomes a climbing segment together with its neighbours', () => {
    const parameters: ParameterSpec[] = [
      { name: 'a', in: 'path' },
      { name: 'b', in: 'path' },
    ];
    const encoder = compileEncoder(operation({ path: '/x/{a}{b}', parameters }));
    expect(encoder.target({ path: { a: 'v', b: '..' } })).toBe('/x/v..');
    expect(() => encoder.target({ path: { a: '.', b: '.' } })).toThrow('"{a}{b}" is ".."');
    expect(() => write('path', { style: 'label' }, '')).toThrow(EncodeError);
  });

  it('refuses an item that would read as two', () => {
    expect(() => write('query', { style: 'pipeDelimited', explode: false }, ['a|b'])).toThrow('"|"');
    expect(() => write('query', { style: 'spaceDelimited', explode: false }, ['a b'])).toThrow('" "');
    expect(() => write('header', {}, ['a,b'])).toThrow('","');
    expect(() => write('path', { style: 'label', explode: true }, ['a.b'])).toThrow('"."');
    expect(() => write('query', { style: 'deepObject' }, { 'a][b': 1 })).toThrow('bracket');
  });

  it('does not let a member of an object pose as another parameter', () => {
    const parameters: ParameterSpec[] = [
      { name: 'filter', in: 'query' },
      { name: 'customerId', in: 'query' },
    ];
    const { target } = compileEncoder(operation({ parameters }));
    expect(target({ query: { filter: { state: 'open' }, customerId: 1 } })).toBe('/orders?state=open&customerId=1');
    expect(() => target({ query: { filter: { customerId: 2 } } })).toThrow('"customerId", which is another parameter');
    expect(() => target({ query: { filter: { 'customerId[]': 2 } } })).toThrow('which is another parameter');
    const rpc = compileEncoder(operation({ path: '/rpc?action=list', parameters }));
    expect(() => rpc.target({ query: { filter: { action: 'drop' } } })).toThrow('"action", which is another parameter');
  });

  it.each(['a\r\nset-cookie: x=1', 'a\nb', 'a\0b', 'é', '日本', ' a', 'a '])(
    'refuses %j in a header (H10)',
    (value) => {
      expect(() => write('header', {}, value)).toThrow(EncodeError);
      expect(() => write('header', {}, [value])).toThrow(EncodeError);
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800', Symbol('x'), () => 1, new Date(0)])(
    'refuses %s, which has no one spelling',
    (value) => {
      expect(() => write('query', {}, value)).toThrow(/^query parameter "color" /);
    },
  );
});

describe('arguments', () => {
  const parameters: ParameterSpec[] = [
    { name: 'id', in: 'path', required: true },
    { name: 'limit', in: 'query' },
    { name: 'constructor', in: 'query' },
    { name: 'shop', in: 'query', required: true },
    { name: 'Host', in: 'header' },
    { name: 'Authorization', in: 'header' },
    { name: 'X-Api-Key', in: 'header' },
    { name: 'X-Trace', in: 'header' },
    { name: 'session', in: 'cookie' },
  ];
  const encoder = compileEncoder(operation({ path: '/shops/{id}:close/x y', parameters }), ['x-api-key']);

  it('are left out if they are absent, and are never read from a prototype', () => {
    const target = encoder.target({ path: { id: 7 }, query: { shop: 'a', limit: undefined, undeclared: 1 } });
    expect(target).toBe('/shops/7:close/x%20y?shop=a');
  });

  it('are asked for where they are required', () => {
    expect(() => encoder.target({ path: { id: 7 } })).toThrow('query parameter "shop" is missing');
    expect(() => encoder.target({ query: { shop: 'a' } })).toThrow('path parameter "id" is missing');
  });

  it('may be empty texts in a header, but not empty lists', () => {
    const headers: string[] = [];
    const spec: ParameterSpec[] = ['X-A', 'X-B'].map((name) => ({ name, in: 'header' }));
    compileEncoder(operation({ parameters: spec })).headers?.({ header: { 'X-A': '', 'X-B': [] } }, headers);
    expect(headers).toEqual(['X-A', '']);
  });

  it('never set a header that the stack, the connection or our credentials own', () => {
    const headers: string[] = [];
    const header = { Host: 'evil', Authorization: 'Bearer x', 'X-Api-Key': 'x', 'X-Trace': 'on' };
    encoder.headers?.({ header, cookie: { session: 'a b' } }, headers);
    expect(headers).toEqual(['X-Trace', 'on', 'cookie', 'session=a%20b']);
  });

  it('stand beside what the path itself says after its end', () => {
    const query: ParameterSpec[] = [{ name: 'q', in: 'query' }];
    const target = (path: string) => compileEncoder(operation({ path, parameters: query })).target({ query: { q: 1 } });
    expect(['/rpc?action=list items', '/rpc#list', '/rpc?a=b#list'].map(target)).toEqual([
      '/rpc?action=list%20items&q=1',
      '/rpc?q=1',
      '/rpc?a=b&q=1',
    ]);
    expect(() => target('/rpc?id={id}')).toThrow('declare it in query');
  });

  it('stop the boot where the contract cannot be written', () => {
    expect(() => compileEncoder(operation({ path: '/x/{id}' }))).toThrow('orders.listOrders: path "/x/{id}" has {id}');
    expect(() => encoderOf('query', { style: 'matrix' })).toThrow('style matrix; takes form');
  });
});

describe('every text is read back by an independent decoder', () => {
  const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed());
  // Values that are no segment have tests of their own.
  const segment = text.filter(
    (value) =>
      value !== '' && !/(?:^|[/\\])[\p{C}\p{Z}]*\.{1,2}[\p{C}\p{Z}]*(?:$|[/\\;?#\0])/u.test(value.normalize('NFKC')),
  );

  it('as one path segment', () => {
    fc.assert(
      fc.property(segment, (value) => {
        const { pathname, search, hash } = new URL(`http://h/x/${write('path', {}, value)}`);
        expect([pathname.split('/').length, search, hash]).toEqual([3, '', '']);
        expect(decodeURIComponent(pathname.slice(3))).toBe(value);
      }),
    );
  });

  it.each([{}, { allowReserved: true as const }])('as one query parameter %o', (style) => {
    fc.assert(
      fc.property(text, (value) => {
        const { searchParams, hash } = new URL(`http://h/x?${write('query', style, value)}`);
        expect([...searchParams]).toEqual([['color', value]]);
        expect(hash).toBe('');
      }),
    );
  });

  it('as the items of a list, however they are joined', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (values) => {
        const split = (written: string, separator: string) => written.split(separator).map(decodeURIComponent);
        expect(new URL(`http://h/?${write('query', {}, values)}`).searchParams.getAll('color')).toEqual(values);
        expect(
          split(write('query', { explode: false, allowReserved: true }, values).slice('color='.length), ','),
        ).toEqual(values);
        expect(split(write('path', { style: 'matrix' }, values).slice(';color='.length), ',')).toEqual(values);
      }),
    );
  });

  it('as the members of an object', () => {
    const record = fc.dictionary(
      text.filter((name) => !/[[\]]/.test(name)),
      text,
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(record, (value) => {
        const flat = new URL(`http://h/?${write('query', {}, value)}`).searchParams;
        expect(new Map(flat)).toEqual(new Map(Object.entries(value)));
        const deep = new URL(`http://h/?${write('query', { style: 'deepObject' }, value)}`).searchParams;
        const named = Object.entries(value).map(([name, member]) => [`color[${name}]`, member] as const);
        expect(new Map(deep)).toEqual(new Map(named));
      }),
    );
  });
});
