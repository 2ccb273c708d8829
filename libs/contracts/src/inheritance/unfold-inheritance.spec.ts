import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonSchema } from '@frontage/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract, type ContractDocument } from '../read-contract.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inheritance-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

type Shape = Record<string, unknown>;
const ref = (name: string): Shape => ({ $ref: `#/components/schemas/${name}` });
const text = { type: 'string' };
const object = (properties: Shape, required: readonly string[] = []): Shape => ({
  type: 'object',
  ...(required.length === 0 ? {} : { required }),
  properties,
});
const heir = (parent: string, properties: Shape, required: readonly string[] = []): Shape => ({
  allOf: [ref(parent), object(properties, required)],
});
const tagged = (properties: Shape, propertyName: string, mapping?: Shape, required = [propertyName]): Shape => ({
  ...object({ [propertyName]: text, ...properties }, required),
  discriminator: { propertyName, ...(mapping === undefined ? {} : { mapping }) },
});

async function read(schemas: Shape, response: Shape = ref('Root'), version = '3.0.3'): Promise<ContractDocument> {
  const file = join(folder, 'contract.json');
  const content = { 'application/json': { schema: response } };
  const document = {
    openapi: version,
    info: { title: 'T', version: '1' },
    paths: { '/a': { get: { operationId: 'a', responses: { 200: { description: 'ok', content } } } } },
    components: { schemas },
  };
  await writeFile(file, JSON.stringify(document));
  return readContract(file, { lint: false });
}

/** The names of the kinds of a union by the value of the tag. */
function kindsOf({ schemas }: ContractDocument, name = 'Root'): Shape {
  const union = schemas.get(name);
  const discriminator = typeof union === 'object' ? union['discriminator'] : undefined;
  const mapping: unknown =
    typeof discriminator === 'object' && discriminator !== null && 'mapping' in discriminator
      ? discriminator.mapping
      : {};
  return Object.fromEntries(
    Object.entries(mapping ?? {}).map(([value, target]) => [
      value,
      String(target).slice('#/components/schemas/'.length),
    ]),
  );
}

function validatorOf({ operations, schemas }: ContractDocument): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'c', components: { schemas: Object.fromEntries(schemas) } });
  const name = operations[0]?.responses[0]?.media[0]?.schemaName ?? '';
  const validate = ajv.getSchema(`c#/components/schemas/${name}`);
  if (validate === undefined) throw new Error(`no schema ${name}`);
  return (value) => validate(value) === true;
}

interface Case {
  readonly of: string;
  readonly schemas: Shape;
  readonly response?: Shape;
  readonly version?: string;
  readonly kinds: Shape;
  readonly accepts: readonly unknown[];
  readonly refuses: readonly unknown[];
}

const two = {
  A: heir('Root', { a: text }, ['a']),
  B: heir('Root', { b: text }, ['b']),
};
const cases: readonly Case[] = [
  {
    of: 'a parent with a mapping',
    schemas: { Root: tagged({ id: text }, 'kind', { x: ref('A')['$ref'], y: 'B' }), ...two },
    kinds: { x: 'A', y: 'B' },
    accepts: [
      { kind: 'x', a: '1' },
      { kind: 'y', b: '1', id: 'i' },
    ],
    refuses: [{ kind: 'x', b: '1' }, { kind: 'z', a: '1' }, { kind: 'A', a: '1' }, { a: '1' }],
  },
  {
    of: 'a parent without a mapping: the name of a kind is its value',
    schemas: { Root: tagged({}, 'kind'), ...two },
    kinds: { A: 'A', B: 'B' },
    accepts: [{ kind: 'A', a: '1' }],
    refuses: [{ kind: 'A' }, { kind: 'Root' }],
  },
  {
    of: 'a mapping that names only some kinds',
    schemas: { Root: tagged({}, 'kind', { x: 'A' }), ...two },
    kinds: { x: 'A', B: 'B' },
    accepts: [
      { kind: 'x', a: '1' },
      { kind: 'B', b: '1' },
    ],
    refuses: [{ kind: 'A', a: '1' }],
  },
  {
    of: 'several values that mean one kind',
    schemas: { Root: tagged({}, 'kind', { x: 'A', xx: 'A', y: 'B' }), ...two },
    kinds: { x: 'A', xx: 'A', y: 'B' },
    accepts: [{ kind: 'xx', a: '1' }],
    refuses: [{ kind: 'xx', b: '1' }],
  },
  {
    of: 'a tag that the contract does not require',
    schemas: { Root: tagged({}, 'kind', { x: 'A', y: 'B' }, []), ...two },
    kinds: { x: 'A', y: 'B' },
    accepts: [{ kind: 'x', a: '1' }],
    refuses: [{ kind: 'y', a: '1' }, { a: '1' }],
  },
  {
    of: 'a tag with declared values, of the parent and of a kind',
    schemas: {
      Root: { ...tagged({}, 'kind'), properties: { kind: ref('Tag') } },
      Tag: { type: 'string', enum: ['A', 'b'] },
      A: heir('Root', { a: text }),
      B: heir('Root', { kind: { type: 'string', enum: ['b'] } }),
    },
    kinds: { A: 'A', b: 'B' },
    accepts: [{ kind: 'A', a: '1' }, { kind: 'b' }],
    refuses: [{ kind: 'B' }],
  },
  {
    of: 'three levels with one tag',
    schemas: {
      Root: tagged({}, 'kind', { m: 'Middle', x: 'Leaf', y: 'B' }),
      Middle: heir('Root', { m: text }, ['m']),
      Leaf: heir('Middle', { leaf: text }, ['leaf']),
      B: heir('Root', { b: text }, ['b']),
    },
    kinds: { m: 'MiddleBase', x: 'Leaf', y: 'B' },
    accepts: [
      { kind: 'm', m: '1' },
      { kind: 'x', m: '1', leaf: '1' },
    ],
    refuses: [{ kind: 'x', m: '1' }, { kind: 'x', leaf: '1' }, { kind: 'm' }],
  },
  {
    of: 'the middle of a hierarchy: its own kinds and no others',
    schemas: {
      Root: tagged({}, 'kind', { m: 'Middle', x: 'Leaf', y: 'B' }),
      Middle: heir('Root', { m: text }, ['m']),
      Leaf: heir('Middle', { leaf: text }, ['leaf']),
      B: heir('Root', { b: text }, ['b']),
    },
    response: ref('Middle'),
    kinds: { m: 'MiddleBase', x: 'Leaf' },
    accepts: [
      { kind: 'm', m: '1' },
      { kind: 'x', m: '1', leaf: '1' },
    ],
    refuses: [{ kind: 'y', b: '1' }],
  },
  {
    of: 'a middle that no mapping names: it is abstract',
    schemas: {
      Root: tagged({}, 'kind', { x: 'Leaf', y: 'B' }),
      Middle: heir('Root', { m: text }),
      Leaf: heir('Middle', { leaf: text }),
      B: heir('Root', { b: text }),
    },
    kinds: { x: 'Leaf', y: 'B' },
    accepts: [{ kind: 'x', m: '1' }],
    refuses: [{ kind: 'Middle', m: '1' }],
  },
  {
    of: 'a middle with a tag of its own',
    schemas: {
      Root: tagged({}, 'kind', { m: 'Middle', y: 'B' }),
      Middle: {
        allOf: [ref('Root'), object({ sub: text }, ['sub'])],
        discriminator: { propertyName: 'sub', mapping: { s: 'Leaf', t: 'Other' } },
      },
      Leaf: heir('Middle', { leaf: text }, ['leaf']),
      Other: heir('Middle', { other: text }, ['other']),
      B: heir('Root', { b: text }, ['b']),
    },
    kinds: { m: 'Middle', y: 'B' },
    accepts: [
      { kind: 'm', sub: 's', leaf: '1' },
      { kind: 'y', b: '1' },
    ],
    refuses: [
      { kind: 'y', sub: 's', leaf: '1' },
      { kind: 'm', sub: 't', leaf: '1' },
      { kind: 'm', sub: 's' },
    ],
  },
  {
    of: 'a concrete parent: the mapping names it',
    schemas: { Root: tagged({ id: text }, 'kind', { root: 'Root', x: 'A', y: 'B' }, ['kind', 'id']), ...two },
    kinds: { root: 'RootBase', x: 'A', y: 'B' },
    accepts: [
      { kind: 'root', id: 'i' },
      { kind: 'x', id: 'i', a: '1' },
    ],
    refuses: [{ kind: 'x', id: 'i' }, { kind: 'root' }],
  },
  {
    of: 'the form of Java: the parent lists its kinds, which are allOf of it',
    schemas: {
      Root: { ...tagged({ id: text }, 'kind', { x: 'A', y: 'B' }), oneOf: [ref('A'), ref('B')] },
      A: { type: 'object', allOf: [ref('Root'), object({ a: text })] },
      B: { type: 'object', allOf: [ref('Root')], properties: { b: text } },
    },
    kinds: { x: 'A', y: 'B' },
    accepts: [
      { kind: 'x', a: '1' },
      { kind: 'y', b: '1' },
    ],
    refuses: [
      { kind: 'x', a: 1 },
      { kind: 'x', id: 1 },
    ],
  },
  {
    of: 'the same with anyOf and kinds without members of their own',
    schemas: {
      Root: { ...tagged({}, 'kind', { x: 'A', y: 'B' }), anyOf: [ref('A'), ref('B')] },
      A: { allOf: [ref('Root')] },
      B: { allOf: [ref('Root')] },
    },
    kinds: { x: 'A', y: 'B' },
    accepts: [{ kind: 'x' }, { kind: 'y' }],
    refuses: [{ kind: 'z' }],
  },
  {
    of: 'the same without a discriminator',
    schemas: {
      Root: { ...object({ id: text }, ['id']), oneOf: [ref('A'), ref('B')] },
      A: heir('Root', { a: text }),
      B: heir('Root', { b: text }),
    },
    kinds: {},
    accepts: [{ id: 'i', a: '1' }, { id: 'i', b: '1' }, { id: 'i' }],
    refuses: [{ a: '1' }],
  },
  {
    of: 'a mapping to schemas that do not refer back',
    schemas: {
      Root: tagged({ id: text }, 'kind', { x: 'A', y: 'B' }, ['kind', 'id']),
      A: object({ a: text }, ['a']),
      B: object({ b: text }, ['b']),
    },
    kinds: { x: 'A', y: 'B' },
    accepts: [{ kind: 'x', id: 'i', a: '1' }],
    refuses: [
      { kind: 'x', a: '1' },
      { kind: 'y', id: 'i', a: '1' },
    ],
  },
  {
    of: 'a parent that may be null',
    schemas: { Root: { ...tagged({}, 'kind', { x: 'A', y: 'B' }), nullable: true }, ...two },
    kinds: { x: 'A', y: 'B' },
    accepts: [null, { kind: 'x', a: '1' }],
    refuses: [{ kind: 'x' }, 'x'],
  },
  {
    of: 'a parent that may be null in 3.1, behind a reference with notes',
    schemas: { Root: { ...tagged({}, 'kind', { x: 'A', y: 'B' }), type: ['object', 'null'] }, ...two },
    response: object({ of: { ...ref('Root'), description: 'D' } }),
    version: '3.1.0',
    kinds: { x: 'A', y: 'B' },
    accepts: [{ of: null }, { of: { kind: 'x', a: '1' } }],
    refuses: [{ of: { kind: 'x' } }],
  },
  {
    of: 'a parent in lists, in maps and in allOf of an inline schema',
    schemas: { Root: tagged({}, 'kind', { x: 'A', y: 'B' }), ...two },
    response: object({
      list: { type: 'array', items: ref('Root') },
      map: { type: 'object', additionalProperties: ref('Root') },
      more: { allOf: [ref('Root'), object({ more: text }, ['more'])] },
    }),
    kinds: { x: 'A', y: 'B' },
    accepts: [
      { list: [{ kind: 'x', a: '1' }], map: { k: { kind: 'y', b: '1' } }, more: { kind: 'x', a: '1', more: 'm' } },
    ],
    refuses: [
      { list: [{ kind: 'x' }] },
      { map: { k: { kind: 'y' } } },
      { more: { kind: 'x', a: '1' } },
      { more: { kind: 'x', more: 'm' } },
    ],
  },
  {
    of: 'a kind of two parents',
    schemas: {
      Root: tagged({}, 'kind', { x: 'A', y: 'B' }),
      Other: tagged({}, 'sort', { 'x-other': 'A' }),
      A: { allOf: [ref('Root'), ref('Other'), object({ a: text }, ['a'])] },
      B: heir('Root', { b: text }, ['b']),
    },
    response: object({ one: ref('Root'), other: ref('Other') }),
    kinds: { x: 'A', y: 'B' },
    accepts: [{ one: { kind: 'x', sort: 'x-other', a: '1' }, other: { kind: 'x', sort: 'x-other', a: '1' } }],
    refuses: [{ one: { kind: 'y', sort: 'x-other', a: '1' } }, { other: { kind: 'x', a: '1' } }],
  },
  {
    of: 'a kind of two parents that give it different values of one tag',
    schemas: {
      Root: tagged({}, 'kind', { x: 'A', y: 'B' }),
      Other: tagged({}, 'kind', { z: 'A' }),
      A: { allOf: [ref('Root'), ref('Other'), object({ a: text }, ['a'])] },
      B: heir('Root', { b: text }, ['b']),
    },
    response: object({ one: ref('Root'), other: ref('Other'), kind: ref('A') }),
    kinds: { x: 'A', y: 'B', z: 'A' },
    accepts: [{ one: { kind: 'x', a: '1' } }, { other: { kind: 'z', a: '1' } }, { kind: { kind: 'z', a: '1' } }],
    refuses: [{ kind: { kind: 'y', a: '1' } }],
  },
  {
    of: 'parts that allow no other members, as .NET writes them',
    schemas: {
      Root: { ...tagged({}, 'kind', { x: 'A', y: 'B' }), additionalProperties: false },
      A: { allOf: [ref('Root'), { ...object({ a: text }, ['a']), additionalProperties: false }] },
      B: { allOf: [ref('Root')], ...object({ b: text }, ['b']), additionalProperties: false },
    },
    kinds: { x: 'A', y: 'B' },
    accepts: [
      { kind: 'x', a: '1' },
      { kind: 'y', b: '1' },
    ],
    refuses: [{ kind: 'x' }],
  },
  {
    of: 'a reference with members beside it (3.1)',
    schemas: {
      Root: tagged({}, 'kind', { x: 'A', y: 'B' }),
      A: { ...ref('Root'), ...object({ a: text }, ['a']) },
      B: { $ref: '#/components/schemas/Root', required: ['b'], properties: { b: text } },
    },
    version: '3.1.0',
    kinds: { x: 'A', y: 'B' },
    accepts: [{ kind: 'x', a: '1' }],
    refuses: [{ kind: 'x' }],
  },
  {
    of: 'a discriminator in an inline part of allOf',
    schemas: {
      Root: { allOf: [object({ id: text }), tagged({}, 'kind', { x: 'A', y: 'B' })] },
      ...two,
    },
    kinds: { x: 'A', y: 'B' },
    accepts: [
      { kind: 'x', a: '1' },
      { kind: 'y', b: '1' },
    ],
    refuses: [{ kind: 'x' }],
  },
  {
    of: 'a tag that no schema declares as a member',
    schemas: {
      Root: { ...object({ id: text }), discriminator: { propertyName: 'kind', mapping: { x: 'A', y: 'B' } } },
      ...two,
    },
    kinds: { x: 'A', y: 'B' },
    accepts: [{ kind: 'x', a: '1' }],
    refuses: [{ a: '1' }, { kind: 'y', a: '1' }],
  },
  {
    of: 'values in an extension of kinds',
    schemas: {
      Root: tagged({}, 'kind'),
      A: { ...heir('Root', { a: text }), 'x-ms-discriminator-value': '#A.x' },
      B: { ...heir('Root', { b: text }), 'x-discriminator-value': '#B' },
    },
    kinds: { '#A.x': 'A', '#B': 'B' },
    accepts: [{ kind: '#A.x' }],
    refuses: [{ kind: 'A' }],
  },
  {
    of: 'another name for a parent, which is no kind',
    schemas: {
      Root: tagged({}, 'kind', { x: 'A', y: 'B' }),
      Same: { allOf: [ref('Root')], nullable: true, description: 'D' },
      Alias: ref('Root'),
      A: heir('Alias', { a: text }, ['a']),
      B: heir('Root', { b: text }, ['b']),
    },
    response: object({ same: ref('Same'), alias: ref('Alias') }),
    kinds: { x: 'A', y: 'B' },
    accepts: [{ same: null, alias: { kind: 'x', a: '1' } }, { same: { kind: 'y', b: '1' } }],
    refuses: [{ alias: { kind: 'x' } }, { same: { kind: 'y' } }],
  },
  {
    of: 'a component in which a parent is one choice among others',
    schemas: {
      Root: object({ one: ref('Parent'), odd: ref('Odd') }),
      Parent: tagged({}, 'kind', { x: 'A' }),
      A: heir('Parent', { a: text }, ['a']),
      Odd: { oneOf: [ref('Parent')], anyOf: [ref('Parent')], allOf: [ref('Parent')] },
    },
    kinds: {},
    accepts: [{ odd: { kind: 'x', a: '1' } }],
    refuses: [{ odd: { kind: 'x' } }],
  },
  {
    of: 'names that are taken, odd or inherited by every object',
    schemas: {
      Root: tagged({}, 'toString', { constructor: 'constructor', y: 'B c' }),
      RootBase: object({ own: text }, ['own']),
      constructor: heir('Root', { a: text }, ['a']),
      'B c': heir('Root', { b: ref('RootBase') }, ['b']),
    },
    kinds: { constructor: 'constructor', y: 'B_c' },
    accepts: [
      { toString: 'constructor', a: '1' },
      { toString: 'y', b: { own: 'o' } },
    ],
    refuses: [
      { toString: 'y', b: {} },
      { toString: 'y', a: '1' },
    ],
  },
  {
    of: 'schemas that inherit from each other in a circle',
    schemas: {
      Root: { ...tagged({}, 'kind', { x: 'A' }), allOf: [ref('A')] },
      A: heir('Root', { a: text }, ['a']),
    },
    response: text,
    kinds: {},
    accepts: ['x'],
    refuses: [1],
  },
];

describe('inheritance is the union of its kinds', () => {
  it.each(cases)('for $of', async ({ schemas, response, version, kinds, accepts, refuses }) => {
    const contract = await read(schemas, response, version);
    expect(contract.refused).toEqual([]);
    expect(contract.warnings).toEqual([]);
    const names = [...contract.schemas.keys()];
    expect(Object.assign({}, ...names.map((name) => kindsOf(contract, name)))).toMatchObject(kinds);
    const isValid = validatorOf(contract);
    expect(accepts.filter((value) => !isValid(value))).toEqual([]);
    expect(refuses.filter(isValid)).toEqual([]);
  });

  it('and a kind alone says the value of its tag', async () => {
    const { schemas } = await read({ Root: tagged({}, 'kind', { x: 'A', y: 'B' }), ...two }, ref('A'));
    expect(schemas.get('A')).toEqual({
      allOf: [{ $ref: '#/components/schemas/RootBase' }, object({ a: text }, ['a'])],
      properties: { kind: { type: 'string', enum: ['x'] } },
    });
    expect(schemas.get('RootBase')).toEqual(object({ kind: text }, ['kind']));
    expect(schemas.has('Root')).toBe(false);
  });

  it('where a pointer leads into the parent, it leads to its members still', async () => {
    const { schemas } = await read(
      { Root: tagged({ id: { type: 'string', format: 'uuid' } }, 'kind', { x: 'A', y: 'B' }), ...two },
      object({ id: { $ref: '#/components/schemas/Root/properties/id' } }),
    );
    expect([...schemas.values()]).toContainEqual({ type: 'string', format: 'uuid' });
  });

  it.each<[string, Shape]>([
    [
      'an ordinary union with a discriminator',
      {
        Root: { oneOf: [ref('A'), ref('B')], discriminator: { propertyName: 'kind' } },
        A: object({ kind: text }),
        B: object({ kind: text }),
      },
    ],
    ['a discriminator without kinds', { Root: tagged({}, 'kind') }],
    ['inheritance without a discriminator', { Root: object({ id: text }), A: heir('Root', {}) }],
  ])('stays as it is for %s', async (_, schemas) => {
    const contract = await read(schemas);
    const written: JsonSchema | undefined = contract.schemas.get('Root');
    expect(written).toEqual(schemas['Root']);
  });

  it.each<[string, unknown]>([
    ['the name of a member', 'petType'],
    ['written as in OpenAPI 3', { propertyName: 'petType', mapping: { Cat: '#/definitions/Cat' } }],
  ])('holds in Swagger 2, whose discriminator is %s', async (_, discriminator) => {
    const file = join(folder, 'swagger.json');
    const schema = { type: 'array', items: { $ref: '#/definitions/Pet' } };
    const pet = { ...object({ petType: text, name: text }, ['petType']), discriminator };
    const cat = { allOf: [{ $ref: '#/definitions/Pet' }, object({ lives: { type: 'integer' } }, ['lives'])] };
    const dog = { allOf: [{ $ref: '#/definitions/Pet' }, object({ tricks: text })], 'x-ms-discriminator-value': 'dog' };
    await writeFile(
      file,
      JSON.stringify({
        swagger: '2.0',
        info: { title: 'T', version: '1' },
        paths: { '/pets': { get: { operationId: 'a', responses: { 200: { description: 'ok', schema } } } } },
        definitions: { Pet: pet, Cat: cat, Dog: dog },
      }),
    );
    const contract = await readContract(file, { lint: false });
    expect(kindsOf(contract, 'Pet')).toEqual({ Cat: 'Cat', dog: 'Dog' });
    const isValid = validatorOf(contract);
    expect(isValid([{ petType: 'Cat', lives: 9 }, { petType: 'dog' }])).toBe(true);
    expect(isValid([{ petType: 'Cat' }])).toBe(false);
  });
});
