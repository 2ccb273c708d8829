import { SchemaTable, systemClock, type JsonSchema, type OperationInfo } from '@frontage/core';
import { createCache } from 'cache-manager';
import fc from 'fast-check';
import { Keyv } from 'keyv';
import { describe, expect, it } from 'vitest';
import { waiter } from './fixtures/loads.js';
import { contractShape, KeptBody, OperationCache, type Load } from './index.js';

type Schemas = Readonly<Record<string, JsonSchema>>;

const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const product: Schemas = {
  Product: { type: 'object', properties: { name: { type: 'string' }, price: ref('Price') } },
  Price: { type: 'object', properties: { amount: { type: 'number' } } },
  Order: { type: 'object', properties: { id: { type: 'string' } } },
};

function infoOf(schemas: Schemas, changes: Partial<OperationInfo> = {}): OperationInfo {
  const texts = Object.entries(schemas).map(([name, schema]) => [name, JSON.stringify(schema)] as const);
  return {
    contract: { upstream: 'catalogue', title: 'Catalogue', version: '1', schemas: new SchemaTable(texts) },
    id: 'getProduct',
    method: 'GET',
    path: '/products/{id}',
    responses: [{ status: '200', media: 'application/json', schema: 'Product' }],
    ...changes,
  };
}

describe('the shape of a contract', () => {
  const shape = contractShape(infoOf(product));

  it.each<[string, OperationInfo]>([
    ['a schema of the response', infoOf({ ...product, Product: { type: 'object' } })],
    ['a schema that it leads to', infoOf({ ...product, Price: { type: 'string' } })],
    ['the media of the response', infoOf(product, { responses: [{ status: '200', media: 'text/plain' }] })],
    ['a declared header', infoOf(product, { headers: [{ name: 'X-Total-Count', type: 'integer' }] })],
    ['its path', infoOf(product, { path: '/v2/products/{id}' })],
  ])('is another one for a contract that changes %s', (_, info) => {
    expect(contractShape(info)).not.toBe(shape);
  });

  it('is the same for a contract that changes elsewhere', () => {
    const { contract, ...rest } = infoOf({ ...product, Order: { type: 'string' }, New: true });
    expect(contractShape({ ...rest, contract: { ...contract, version: '2', title: 'New' } })).toBe(shape);
  });

  it('is made of schemas that lead to themselves, and to none', () => {
    const tree = { Product: { properties: { below: { items: ref('Product') }, lost: ref('Nothing') } } };
    expect(contractShape(infoOf(tree))).toBe(contractShape(infoOf(tree)));
    expect(contractShape(infoOf({ Product: true }))).not.toBe(contractShape(infoOf({ Product: false })));
  });
});

it('two versions of an app with a store between them never read the responses of the other contract, in any order', async () => {
  const text = (version: number, at: number): string => JSON.stringify({ [`shape${version}`]: at });
  const step = fc.record({
    version: fc.constantFrom(1, 2),
    process: fc.constantFrom(0, 1),
    id: fc.constantFrom('a', 'b'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const kept = new Map<string, unknown>();
      const open = (version: number) =>
        new OperationCache({
          sharedCache: createCache({ stores: [new Keyv({ store: kept })] }),
          app: 'mobile',
        }).operation({
          upstream: 'catalogue',
          operation: 'getProduct',
          shape: contractShape(infoOf({ Product: { required: [`shape${version}`] } })),
          ttlMs: 60_000,
        });
      const processes = { 1: [open(1), open(1)], 2: [open(2), open(2)] };
      const loads = new Set<string>();
      for (const { version, process, id } of steps) {
        const cached = processes[version as 1 | 2][process];
        if (cached === undefined) throw new Error('it was made');
        const key = cached.key({ path: { id } }, undefined);
        const load: Load = async () => {
          loads.add(`${version} ${id}`);
          return { ok: true, value: new KeptBody(Buffer.from(text(version, loads.size))) };
        };
        const outcome = cached.peek(key) ?? (await cached.getOrLoad(key, waiter(systemClock.now() + 10_000), load));
        const body = outcome.ok && outcome.value instanceof KeptBody ? outcome.value.bytes.toString() : '';
        expect(body).toContain(`shape${version}`);
        await expect.poll(() => [...kept.keys()].filter((at) => at.includes(':cache:')).length).toBe(loads.size);
      }
    }),
    { numRuns: 50 },
  );
});
