import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readContract, type ContractDocument } from '../read-contract.js';
import { isTagValue, tagSchema, typedValues } from './tag-values.js';

const folder = mkdtempSync(join(tmpdir(), 'unions-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Shape = Readonly<Record<string, unknown>>;
const ref = (name: string): { readonly $ref: string } => ({ $ref: `#/components/schemas/${name}` });
const object = (properties: Shape, ...required: readonly string[]): Shape => ({ type: 'object', required, properties });
const heir = (parent: string, properties: Shape, ...required: readonly string[]): Shape => ({
  allOf: [ref(parent), object(properties, ...required)],
});
const union = (names: readonly string[], propertyName: string, mapping?: Readonly<Record<string, string>>): Shape => ({
  oneOf: names.map(ref),
  discriminator: { propertyName, ...(mapping && { mapping }) },
});
const text = { type: 'string' };
const whole = { type: 'integer' };

async function read(schemas: Shape): Promise<ContractDocument> {
  const content = { 'application/json': { schema: ref('Root') } };
  const document = {
    openapi: '3.0.3',
    info: { title: 'T', version: '1' },
    paths: { '/a': { get: { operationId: 'a', responses: { 200: { description: 'ok', content } } } } },
    components: { schemas },
  };
  const file = join(folder, 'contract.json');
  writeFileSync(file, JSON.stringify(document));
  return readContract(file, { lint: false });
}

function validatorOf({ schemas }: ContractDocument): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'all', components: { schemas: Object.fromEntries(schemas) } });
  const validate = ajv.getSchema('all#/components/schemas/Root');
  return (value) => validate?.(value) === true;
}

interface Case {
  readonly of: string;
  readonly schemas: Shape;
  readonly accepts: readonly unknown[];
  readonly refuses: readonly unknown[];
}

const cases: readonly Case[] = [
  {
    of: 'a tag of integers, whose mapping has texts',
    schemas: {
      Root: {
        ...object({ code: whole }, 'code'),
        discriminator: { propertyName: 'code', mapping: { 1: 'A', 2: 'B' } },
      },
      A: heir('Root', { a: text }, 'a'),
      B: heir('Root', { b: text }, 'b'),
    },
    accepts: [
      { code: 1, a: 'x' },
      { code: 2, b: 'x' },
    ],
    refuses: [
      { code: '1', a: 'x' },
      { code: 2, a: 'x' },
      { code: 3, a: 'x' },
    ],
  },
  {
    of: 'a tag of integers without values: its kinds are told apart by their members',
    schemas: {
      Root: { ...object({ code: whole }, 'code'), discriminator: { propertyName: 'code' } },
      A: heir('Root', { a: text }, 'a'),
      B: heir('Root', { b: text }, 'b'),
    },
    accepts: [
      { code: 7, a: 'x' },
      { code: 7, b: 'x' },
    ],
    refuses: [{ code: 7 }, { code: 'A', a: 'x' }],
  },
  {
    of: 'an ordinary union whose tag is a boolean',
    schemas: {
      Root: union(['A', 'B'], 'open', { true: '#/components/schemas/A', false: 'B' }),
      A: object({ open: { type: 'boolean' }, a: text }, 'open'),
      B: object({ open: { type: 'boolean' }, b: text }, 'open'),
    },
    accepts: [
      { open: true, a: 'x' },
      { open: false, b: 'x' },
    ],
    refuses: [{ open: 'true', a: 'x' }, { a: 'x' }],
  },
  {
    of: 'values that the parent lists and no kind has: they have the members of the parent',
    schemas: {
      Root: {
        ...object({ method: { type: 'string', enum: ['CARD', 'CASH', 'GIFT'] }, note: text }, 'method'),
        discriminator: { propertyName: 'method', mapping: { CARD: 'Card' } },
      },
      Card: heir('Root', { pan: text }, 'pan'),
    },
    accepts: [{ method: 'CARD', pan: '1' }, { method: 'CASH' }, { method: 'GIFT', note: 'x' }],
    refuses: [{ method: 'CARD' }, { method: 'SEPA' }],
  },
  {
    of: 'a level with a tag of its own, whose kinds say their names in the tag above',
    schemas: {
      Root: { ...object({ kind: text }, 'kind'), discriminator: { propertyName: 'kind' } },
      Middle: { ...heir('Root', { sub: text }, 'sub'), discriminator: { propertyName: 'sub' } },
      A: heir('Middle', { a: text }, 'a'),
      B: heir('Middle', { b: text }, 'b'),
    },
    accepts: [
      { kind: 'Middle', sub: 'A', a: 'x' },
      { kind: 'B', sub: 'B', b: 'x' },
    ],
    refuses: [
      { kind: 'B', sub: 'A', b: 'x' },
      { kind: 'Other', sub: 'A', a: 'x' },
    ],
  },
  {
    of: 'a union of parents that have the same tag',
    schemas: {
      Root: union(['Left', 'Right'], 'kind'),
      Left: { ...object({ kind: text }, 'kind'), discriminator: { propertyName: 'kind' } },
      Right: { ...object({ kind: text }, 'kind'), discriminator: { propertyName: 'kind' } },
      A: heir('Left', { a: text }, 'a'),
      B: heir('Right', { b: text }, 'b'),
    },
    accepts: [
      { kind: 'A', a: 'x' },
      { kind: 'B', b: 'x' },
    ],
    refuses: [
      { kind: 'Left', a: 'x' },
      { kind: 'B', a: 'x' },
    ],
  },
];

describe('a union with a tag', () => {
  it.each(cases)('is settled for $of', async ({ schemas, accepts, refuses }) => {
    const contract = await read(schemas);
    expect(contract.refused).toEqual([]);
    expect(contract.warnings).toEqual([]);
    const isValid = validatorOf(contract);
    expect(accepts.filter((value) => !isValid(value))).toEqual([]);
    expect(refuses.filter(isValid)).toEqual([]);
  });

  it('of unions with the same tag has their choices, with the values of their mappings', async () => {
    const { schemas } = await read({
      Root: union(['Inner', 'C'], 'kind', { a1: 'Inner', a2: 'Inner', c: 'C' }),
      Inner: union(['A', 'B'], 'kind', { a1: 'A', a2: 'B' }),
      A: object({ kind: text }),
      B: object({ kind: text }),
      C: object({ kind: text }),
    });
    expect(schemas.get('Root')).toEqual({
      oneOf: ['A', 'B', 'C'].map(ref),
      discriminator: { propertyName: 'kind', mapping: { a1: ref('A').$ref, a2: ref('B').$ref, c: ref('C').$ref } },
    });
  });

  it.each<[string, Shape]>([
    ['another tag', { Inner: union(['A', 'B'], 'sub') }],
    ['values that it does not know', { Inner: union(['A', 'B'], 'kind', { x: 'A' }) }],
    ['itself among its choices', { Inner: union(['Root', 'A'], 'kind', { x: 'A' }) }],
  ])('stays as it is where a choice is a union with %s', async (_, inner) => {
    const root = union(['Inner', 'C'], 'kind', { first: ref('Inner').$ref, c: ref('C').$ref });
    const [a, b, c] = [object({ a: text }), object({ b: text }), object({ c: text })];
    const { schemas, refused } = await read({ Root: root, ...inner, A: a, B: b, C: c });
    if (refused.length === 0) expect(schemas.get('Root')).toEqual(root);
    else expect(refused[0]?.reason).toMatch('refers to itself');
  });
});

describe('values of a tag', () => {
  it('are texts of the mapping in the type of the tag, and their schema takes exactly them', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
    );
    const ajv = new Ajv2020();
    fc.assert(
      fc.property(fc.uniqueArray(value, { minLength: 1, maxLength: 4, selector: String }), value, (values, other) => {
        const [first] = values;
        const same = values.filter((each) => typeof each === typeof first && isTagValue(each) && !Object.is(each, -0));
        if (same.length === 0) return;
        const type = typeof first === 'boolean' ? 'boolean' : typeof first === 'number' ? 'number' : 'string';
        expect(typedValues(same.map(String), type)).toEqual(same);
        const isValid = ajv.compile(tagSchema(same));
        expect(same.every((each) => isValid(each))).toBe(true);
        expect(isValid(other)).toBe(same.includes(other));
      }),
      { numRuns: 60 },
    );
  });

  it('are none where a text is no value of that type', () => {
    expect(typedValues(['1', 'one', '1.5', ''], 'integer')).toEqual([1]);
    expect(typedValues(['true', 'yes'], 'boolean')).toEqual([true]);
  });
});
