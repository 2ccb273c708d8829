import { describe, expect, it } from 'vitest';
import { engineContract } from '../fixtures/engine-contract.js';
import { projected } from '../fixtures/projection-contract.js';
import { array, list, object, scalar, text, value, within, written } from '../fixtures/shapes.js';
import { engineBytes } from './engine.gen.js';
import type { Projection } from '../model/projection.js';
import type { ProjectionSpec } from '../model/projection-spec.js';
import { WebAssemblyEngine } from './web-assembly-engine.js';

const start = (): WebAssemblyEngine => new WebAssemblyEngine(Buffer.from(engineBytes, 'base64'));

function compiled(engine: WebAssemblyEngine, spec: ProjectionSpec): Projection {
  const projection = engine.compile(spec);
  if (projection === undefined) throw new Error('The tables are full.');
  return projection;
}

const shared = start();
engineContract('WebAssembly', (spec) => compiled(shared, spec));

describe('a text that WebAssembly leaves to the parser', () => {
  const a = scalar();
  const projection = compiled(shared, { root: object({ 'a?': a }), writes: [value(a)] });

  it.each([
    ['a key that stands twice', '{"a":1,"b":2,"a":3}'],
    ['a key that is spelled with an escape, which may be one that is read', '{"\\u0061":1}'],
    ['an exponent of three digits', '{"a":1e005}'],
    ['a number of more than 64 bytes', `{"a":0.${'1'.repeat(64)}}`],
    ['a fraction behind more than 15 digits', '{"a":1234567890123456.5}'],
  ])('is %s', (_, json) => {
    expect(projected(projection, json)).toBe('left to the parser');
  });

  it('is not a key that is skipped: it may stand twice, and be spelled in any way', () => {
    expect(projected(projection, '{"b":1,"a":2,"b":{"\\u0061":3,"a":4,"a":5}}')).toEqual(['2']);
  });
});

describe('the order of keys', () => {
  const item = (): string => '{"id":1,"price":{"amount":2,"more":{"x":[1]}},"name":"n"}';

  function reading(): { engine: WebAssemblyEngine; project: (json: string) => unknown } {
    const engine = start();
    const [id, amount, name] = [scalar(), scalar(), scalar()];
    const price = object({ amount });
    const items = list(object({ id, 'price?': price, name }), array(value(id), value(amount), value(name)));
    const projection = compiled(engine, { root: items, writes: [value(items)] });
    return { engine, project: (json) => projected(projection, json) };
  }

  it('is foreseen from the first object on', () => {
    const { engine, project } = reading();
    expect(project(`[${`${item()},`.repeat(9)}${item()}]`)).toEqual([`[${'[1,2,"n"],'.repeat(9)}[1,2,"n"]]`]);
    expect(engine).toMatchObject({ foreseen: 9, unforeseen: 1 });
  });

  it('is confirmed by every byte', () => {
    const { engine, project } = reading();
    expect(project(`[${item()},${item()}]`)).toEqual(['[[1,2,"n"],[1,2,"n"]]']);
    for (let at = 0; at < item().length; at++) {
      for (const byte of ['x', '"', ',', ' ', '}']) {
        const changed = `[${item().slice(0, at)}${byte}${item().slice(at + 1)}]`;
        expect(project(changed), changed).toEqual(reading().project(changed));
      }
    }
    expect(engine.foreseen).toBeGreaterThan(0);
    expect(engine.unforeseen).toBeGreaterThan(0);
  });

  it('is learned anew when it has changed', () => {
    const { engine, project } = reading();
    project(`[${item()}]`);
    const turned = '{"name":"m", "id":4}';
    expect(project(`[${turned},${turned},${turned}]`)).toEqual(['[[4,null,"m"],[4,null,"m"],[4,null,"m"]]']);
    expect(engine).toMatchObject({ foreseen: 2, unforeseen: 2 });
  });

  it('may be one of a few: each is learned', () => {
    const { engine, project } = reading();
    const kinds = [item(), '{"id":3,"name":"m"}', '{"id":4,"price":{"amount":5},"name":"o"}', '{"name":"p","id":6}'];
    const read = ['[1,2,"n"]', '[3,null,"m"]', '[4,5,"o"]', '[6,null,"p"]'];
    expect(project(`[${kinds.join(',')}]`)).toEqual([`[${read.join(',')}]`]);
    expect(engine).toMatchObject({ foreseen: 0, unforeseen: 4 });
    for (let round = 0; round < 4; round++) {
      const turned = [...kinds.slice(round), ...kinds.slice(0, round)];
      expect(project(`[${turned.join(',')}]`)).toEqual([
        `[${[...read.slice(round), ...read.slice(0, round)].join(',')}]`,
      ]);
    }
    expect(engine).toMatchObject({ foreseen: 16, unforeseen: 4 });
  });

  it.each([[['{"o":null}', '{"o":{"a":1}}']], [['{"o":{"a":1}}', '{"o":null}']]])(
    'tells null from an object: %j',
    (kinds) => {
      const engine = start();
      const a = scalar();
      const o = object({ a }, true);
      const items = list(object({ o }), within(o, value(a)));
      const projection = compiled(engine, { root: items, writes: [value(items)] });
      const read = kinds.map((kind) => (kind.includes('null') ? 'null' : '1'));
      for (let round = 0; round < 3; round++)
        expect(projected(projection, `[${kinds.join(',')}]`)).toEqual([`[${read.join(',')}]`]);
      expect(engine.foreseen).toBeGreaterThanOrEqual(4);
    },
  );

  it('is learned anew when there were too many', () => {
    const { engine, project } = reading();
    const odd = (at: number): string => `{"id":${at},"odd ${at}":0,"name":"n"}`;
    const many = Array.from({ length: 300 }, (_, at) => odd(at));
    project(`[${many.join(',')}]`);
    const before = engine.foreseen;
    project(`[${`${item()},`.repeat(99)}${item()}]`);
    expect(engine.foreseen - before).toBeGreaterThan(80);
  });

  it('may be any, of objects too long to be foreseen, too', () => {
    const engine = start();
    const keys = Array.from({ length: 100 }, (_, at) => `key ${at} ${'-'.repeat(at)}`);
    const members = Object.fromEntries(keys.map((key) => [key, scalar()]));
    const write = written(Object.fromEntries(Object.entries(members).map(([key, shape]) => [key, value(shape)])));
    const projection = compiled(engine, { root: object(members), writes: [write] });
    const ordered = JSON.stringify(Object.fromEntries(keys.map((key, at) => [key, at])));
    const turned = JSON.stringify(Object.fromEntries(keys.map((key, at) => [key, at] as const).toReversed()));
    for (const json of [ordered, turned, turned, ordered]) expect(projected(projection, json)).toEqual([ordered]);
    expect(engine).toMatchObject({ foreseen: 0, unforeseen: 4 });
  });
});

describe('the tables of an engine', () => {
  it('are bounded: a spec that finds no room is not compiled, and those before it keep working', () => {
    const engine = start();
    const a = scalar();
    const first = compiled(engine, { root: object({ a }), writes: [value(a)] });
    const large = (): ProjectionSpec => ({ root: scalar(), writes: [text(`"${'x'.repeat(1_000_000)}"`)] });
    let count = 0;
    while (engine.compile(large()) !== undefined) count++;
    expect(count).toBe(13);
    expect(engine.compile({ root: scalar(), writes: [text(`"${'x'.repeat(1 << 24)}"`)] })).toBeUndefined();
    expect(projected(first, '{"a":1}')).toEqual(['1']);
  });
});
