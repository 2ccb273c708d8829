import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameJson, ucs2Length } from '@frontage/clients';
import { readContract, type ContractDocument } from '@frontage/contracts';
import type { JsonSchema, SchemaValidator } from '@frontage/core';
import { upstreamFiles } from '../upstream/upstream-files.js';
import { validatorsSource } from './validators-source.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'validators-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Validators = ReadonlyMap<string, SchemaValidator>;

/** Runs a generated module with what it imports. */
function run(source: string): Validators {
  const body = source.replaceAll(/^import .*$/gm, '').replace('export const validators', 'const validators');
  const make = runInThisContext(`(sameJson, ucs2Length) => { ${stripTypeScriptTypes(body)}; return validators; }`);
  if (typeof make !== 'function') throw new Error('expected a function');
  return make(sameJson, ucs2Length) as Validators;
}

async function contractWith(
  schema: unknown,
  more: Readonly<Record<string, unknown>> = {},
  version = '3.1.0',
): Promise<ContractDocument> {
  const path = join(folder, 'contract.json');
  const content = { 'application/json': { schema } };
  const document = {
    openapi: version,
    info: { title: 'Shop', version: '1' },
    paths: { '/x': { get: { operationId: 'getX', responses: { 200: { description: 'x', content } } } } },
    components: { schemas: more },
  };
  await writeFile(path, JSON.stringify(document));
  return readContract(path, { lint: false });
}

const only = (validators: Validators): SchemaValidator => {
  const [validate] = validators.values();
  if (validate === undefined) throw new Error('expected a validator');
  return validate;
};

describe('validators of responses', () => {
  it('accept the same values as an interpreter of JSON Schema', async () => {
    const order = {
      type: 'object',
      required: ['id', 'next'],
      properties: {
        id: { type: 'integer', minimum: 1 },
        name: { type: ['string', 'null'], minLength: 2, maxLength: 3 },
        tags: { type: 'array', items: { enum: ['a', 'b', { c: 1 }] }, uniqueItems: true, maxItems: 2 },
        next: { anyOf: [{ $ref: '#/components/schemas/Order' }, { type: 'null' }] },
        pair: { prefixItems: [{ const: 1 }], items: false },
      },
      patternProperties: { '^x-': { type: 'number' } },
      unevaluatedProperties: false,
    };
    const contract = await contractWith({ $ref: '#/components/schemas/Order' }, { Order: order });
    const generated = only(run(validatorsSource('shop', contract).text));
    const interpreted = new Ajv2020({ strict: false }).compile({
      ...order,
      properties: { ...order.properties, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
    });
    const often = <T>(good: T, ...bad: readonly unknown[]) =>
      fc.oneof({ weight: 5, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: fc.constantFrom(...bad) });
    const { order: value } = fc.letrec((tie) => ({
      order: fc.record(
        {
          id: often(1, 0, 1.5, '1', null),
          name: often('😀😀', 'ab', 'abcd', '', null, 5),
          tags: often(['a', { c: 1 }], ['a', 'a'], ['d'], ['a', 'b', { c: 1 }], {}),
          next: fc.option(tie('order'), { depthSize: 'small' }),
          pair: often([1], [], [2], [1, 1], 'x'),
          'x-1': often(1, 'one'),
        },
        { requiredKeys: ['next'] },
      ),
      other: fc.constant({}),
    }));
    let fitting = 0;
    fc.assert(
      fc.property(value, (candidate) => {
        const fits = interpreted(candidate);
        if (fits) fitting++;
        expect(generated(candidate)).toBe(fits);
      }),
      { numRuns: 2_000 },
    );
    expect(fitting).toBeGreaterThan(50);
  });

  it('accept a value of a union with a tag that fits another choice by its members, too', async () => {
    const kind = { type: 'string' };
    const contract = await contractWith(
      {
        oneOf: [{ $ref: '#/components/schemas/Sms' }, { $ref: '#/components/schemas/Mail' }],
        discriminator: { propertyName: 'kind' },
      },
      {
        Sms: { type: 'object', required: ['kind'], properties: { kind, number: { type: 'integer' } } },
        Mail: { type: 'object', required: ['kind'], properties: { kind, address: { type: 'string' } } },
      },
    );
    const validate = only(run(validatorsSource('shop', contract).text));
    expect(validate({ kind: 'Sms', number: 1 })).toBe(true);
    expect(validate({ number: 1 })).toBe(false);
  });

  it('name the member of a response that breaks the contract', async () => {
    const schema = { type: 'object', properties: { items: { items: { type: 'object', required: ['id'] } } } };
    const validate = only(run(validatorsSource('shop', await contractWith(schema)).text));
    expect(validate({ items: [{ id: 1 }, {}] })).toBe(false);
    expect(validate.errors?.[0]).toMatchObject({ instancePath: '/items/1', keyword: 'required' });
    expect(validate({ items: [] })).toBe(true);
    expect(validate.errors).toBeNull();
  });

  it('do not require members that responses leave out, and do not check formats', async () => {
    const schema = {
      type: 'object',
      required: ['password', 'at'],
      properties: { password: { type: 'string', writeOnly: true }, at: { type: 'string', format: 'date-time' } },
    };
    const validate = only(run(validatorsSource('shop', await contractWith(schema)).text));
    expect([validate({ at: 'soon' }), validate({})]).toEqual([true, false]);
  });

  it('are the same bytes on every run, and are not written where there is no schema', async () => {
    const contract = await contractWith({ type: 'string' });
    expect(validatorsSource('shop', contract).text).toBe(validatorsSource('shop', contract).text);
  });

  it('never treat a text of a contract as code (G2)', async () => {
    const evil = fc.constantFrom(
      "';globalThis.owned=1;'",
      '";globalThis.owned=1;"',
      '`${globalThis.owned=1}`',
      '*/globalThis.owned=1;/*',
      '\u2028globalThis.owned=1;//',
      '\\";globalThis.owned=1;//',
      '</script>\n});globalThis.owned=1;({',
    );
    await fc.assert(
      fc.asyncProperty(fc.tuple(evil, evil, evil, evil, evil, evil, evil, evil), async ([a, b, c, d, e, f, g, h]) => {
        const schema: JsonSchema = {
          title: a,
          description: b,
          $comment: c,
          type: 'object',
          required: [d],
          properties: { [d]: { enum: [e, { [f]: 1 }] }, [g]: { const: h, default: a } },
          dependentRequired: { [a]: [b] },
          [`x-${a}`]: b,
          format: e,
        };
        const validate = only(run(validatorsSource('shop', await contractWith(schema, { Evil: schema })).text));
        expect(validate({ [d]: e })).toBe((d !== g || e === h) && (a !== d || b === d));
        expect(validate({})).toBe(false);
        expect('owned' in globalThis).toBe(false);
      }),
      { numRuns: 25 },
    );
  });
});

describe('the files of an upstream', () => {
  it('refer to validators from the first time that they are requested', async () => {
    await contractWith({ type: 'string' });
    const source = join(folder, 'contract.json');
    const into = join(folder, 'shop');
    const without = await upstreamFiles('shop', source, into);
    expect([...without.files.keys()].some((path) => path.endsWith('validators.gen.ts'))).toBe(false);
    const made = await upstreamFiles('shop', source, folder, { validators: true });
    expect(made.files.get(join(folder, 'shop.gen.ts'))).toContain(
      "validators: () => import('./validators.gen.js').then(({ validators }) => validators),",
    );
    const text = made.files.get(join(folder, 'validators.gen.ts')) ?? '';
    await writeFile(join(folder, 'validators.gen.ts'), text);
    const again = await upstreamFiles('shop', source, folder);
    expect(again.files.get(join(folder, 'validators.gen.ts'))).toBe(text);
    expect(await readFile(join(folder, 'validators.gen.ts'), 'utf8')).toBe(text);
  });
});

describe('a schema that cannot be compiled', () => {
  /** Unknown keywords and values of the wrong kind are errors for it; only what a valid schema may have besides is not. */
  const strict = new Ajv2020({
    strictSchema: true,
    strictTypes: false,
    strictTuples: false,
    allowMatchingProperties: true,
    validateFormats: false,
    logger: false,
    keywords: ['discriminator'],
  });

  it('costs the other schemas nothing: it allows everything, and is named', async () => {
    const contract = await contractWith(
      { type: 'array', items: { $ref: '#/components/schemas/Good' } },
      {
        Good: { type: 'object', required: ['bad'], properties: { bad: { $ref: '#/components/schemas/Bad' } } },
        Bad: { type: 'string' },
      },
    );
    // No contract that was read has them: the check of keywords makes them right.
    const schemas = new Map(contract.schemas).set('Bad', { type: 'nonsense', maxLength: 'long' });
    const { text, unchecked } = validatorsSource('shop', { ...contract, schemas });
    expect([...unchecked.keys()]).toEqual(['Bad']);
    const validate = only(run(text));
    expect([validate([{ bad: 1 }]), validate([{}]), validate({})]).toEqual([true, false, false]);
  });

  const anyJson = fc.jsonValue({ maxDepth: 2 });
  const keyword = fc.constantFrom(
    ...`type required enum properties items allOf anyOf oneOf not if then else pattern format minLength maxLength minItems maxItems minimum
      maximum exclusiveMinimum exclusiveMaximum multipleOf uniqueItems default const nullable additionalProperties patternProperties prefixItems
      contains minContains maxContains dependentRequired dependentSchemas dependencies propertyNames minProperties maxProperties readOnly
      deprecated title description discriminator examples example unevaluatedProperties definitions additionalItems optional`.split(
      /\s+/,
    ),
  );
  const likely = fc.oneof(
    anyJson,
    fc.constantFrom<unknown>('string', 'integer', ['string', null], '5', 5, 0, -1, 'true', '[a', {}, [], null, {
      a: { type: 'x' },
    }),
  );
  const schema = fc.dictionary(keyword, likely, { maxKeys: 6 });

  it('is never left by reading a contract, whatever its keywords have as values', async () => {
    await fc.assert(
      fc.asyncProperty(schema, fc.constantFrom('3.0.3', '3.1.0', '3.2.0'), async (odd, version) => {
        const contract = await contractWith(
          { type: 'object', properties: { odd: { $ref: '#/components/schemas/Odd' } } },
          { Odd: { type: 'object', properties: { inner: odd }, ...odd } },
          version,
        );
        for (const each of new Set([...contract.schemas.values(), ...contract.components.values()])) {
          const text = JSON.stringify(each).replaceAll('"$ref":', '"$comment":');
          expect(() => strict.compile(JSON.parse(text) as object)).not.toThrow();
        }
        expect(validatorsSource('shop', contract).unchecked).toEqual(new Map());
      }),
      { numRuns: 25 },
    );
  });
});
