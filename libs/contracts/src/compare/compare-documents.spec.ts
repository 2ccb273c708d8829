import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDocuments } from './compare-documents.js';

type Json = Readonly<Record<string, unknown>>;

const order = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    total: { type: 'number' },
    state: { type: 'string', enum: ['open', 'shipped'] },
    placedAt: { type: 'string', format: 'date-time' },
    note: { type: ['string', 'null'] },
  },
  required: ['id', 'total', 'state'],
  additionalProperties: false,
};

const home = {
  type: 'object',
  properties: {
    orders: { type: 'array', items: { $ref: '#/components/schemas/Order' } },
    _parts: { type: 'object', properties: { banners: { type: 'object' } } },
  },
  required: ['orders'],
};

const problem = (...codes: readonly string[]) => ({
  content: { 'application/problem+json': { schema: { type: 'object', properties: { code: { enum: codes } } } } },
});

const limit = { name: 'limit', in: 'query', required: false, schema: { type: 'integer', minimum: 1, maximum: 100 } };

/** A document; parts of it can be replaced. */
const documentOf = (over: {
  readonly order?: Json;
  readonly response?: Json;
  readonly operation?: Json;
  readonly responses?: Json;
  readonly paths?: Json;
  readonly body?: Json;
}): Json => ({
  openapi: '3.1.0',
  paths: {
    '/home': {
      get: {
        operationId: 'home',
        security: [{ bearer: ['home:read'] }],
        parameters: [limit],
        ...over.operation,
        responses: {
          200: { content: { 'application/json': { schema: { ...home, ...over.response } } } },
          404: problem('unknown'),
          ...over.responses,
        },
      },
    },
    '/orders': {
      post: {
        operationId: 'order',
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: over.body ?? {
                type: 'object',
                properties: { sku: { type: 'string', maxLength: 20 }, gift: { type: 'boolean' } },
                required: ['sku'],
              },
            },
          },
        },
        responses: { 201: { content: { 'application/json': { schema: { type: 'object' } } } } },
      },
    },
    ...over.paths,
  },
  components: { schemas: { Order: { ...order, ...over.order } } },
});

const before = documentOf({});
const textsOf = (over: Parameters<typeof documentOf>[0]) =>
  compareDocuments(before, documentOf(over)).map(({ text }) => text);

const { total: _, ...withoutTotal } = order.properties;
const member = (name: string, schema: Json): Json => ({
  order: { properties: { ...order.properties, [name]: schema } },
});
const body = (properties: Json, required: readonly string[] = ['sku']): Json => ({
  body: { type: 'object', properties, required },
});
const sku = { type: 'string', maxLength: 20 };
const gift = { type: 'boolean' };

describe('a change that breaks clients', () => {
  it.each<[string, Parameters<typeof documentOf>[0]]>([
    [
      'orders[].total is gone: breaks clients that read it',
      { order: { properties: withoutTotal, required: ['id', 'state'] } },
    ],
    ['orders[].total is no longer required: breaks clients that read it', { order: { required: ['id', 'state'] } }],
    ['orders[].total is string instead of number: breaks clients that read it', member('total', { type: 'string' })],
    ['orders[].total may be null now: breaks clients that read it', member('total', { type: ['number', 'null'] })],
    [
      'orders[].total may be null now: breaks clients that read it',
      member('total', { oneOf: [{ type: 'number' }, { type: 'null' }] }),
    ],
    [
      'orders[].state may be "lost" now: breaks clients that read it',
      member('state', { type: 'string', enum: ['open', 'shipped', 'lost'] }),
    ],
    ['orders[].state may have any value now: breaks clients that read it', member('state', { type: 'string' })],
    [
      'orders[].placedAt has no longer the format date-time: breaks clients that read it',
      member('placedAt', { type: 'string' }),
    ],
    [
      'orders is object instead of array: breaks clients that read it',
      { response: { properties: { ...home.properties, orders: { type: 'object' } } } },
    ],
    [
      '_parts.banners is no longer the name of a part: breaks clients that read it',
      {
        response: {
          properties: { ...home.properties, _parts: { type: 'object', properties: { adverts: { type: 'object' } } } },
        },
      },
    ],
    ['409 may come back now: breaks clients that do not know it', { responses: { 409: problem('taken') } }],
    ['404 code may be "gone" now: breaks clients that read it', { responses: { 404: problem('unknown', 'gone') } }],
    ['200 is no longer a response: breaks clients that expect it', { responses: { 200: undefined, 204: {} } as Json }],
    ['query limit is no longer taken: breaks clients that send it', { operation: { parameters: [] } }],
    [
      'query limit is required now: breaks clients that leave it out',
      { operation: { parameters: [{ ...limit, required: true }] } },
    ],
    [
      'query page is new and required: breaks clients that leave it out',
      { operation: { parameters: [limit, { name: 'page', in: 'query', required: true, schema: {} }] } },
    ],
    [
      'query limit has maximum 50 instead of 100: breaks clients that send it',
      { operation: { parameters: [{ ...limit, schema: { ...limit.schema, maximum: 50 } }] } },
    ],
    [
      'asks for orders:read: breaks clients that come without it',
      { operation: { security: [{ bearer: ['home:read', 'orders:read'] }] } },
    ],
    [
      'the operation is called start instead of home: breaks clients that are generated from it',
      { operation: { operationId: 'start' } },
    ],
  ])('%s', (text, over) => {
    // JSON has no `undefined`: members with this value are removed here.
    const after: unknown = JSON.parse(JSON.stringify(documentOf(over)));
    const [first] = compareDocuments(before, after);
    expect(first).toMatchObject({ endpoint: 'GET /home', breaking: true, text: `GET /home: ${text}` });
  });

  it.each<[string, Json]>([
    ['body gift is no longer taken: breaks clients that send it', body({ sku })],
    ['body gift is required now: breaks clients that leave it out', body({ sku, gift }, ['sku', 'gift'])],
    [
      'body count is new and required: breaks clients that leave it out',
      body({ sku, gift, count: {} }, ['sku', 'count']),
    ],
    [
      'body sku has maxLength 10 instead of 20: breaks clients that send it',
      body({ sku: { ...sku, maxLength: 10 }, gift }),
    ],
    ['body sku has the pattern "^S" now: breaks clients that send it', body({ sku: { ...sku, pattern: '^S' }, gift })],
    ['body sku is one of "a" now: breaks clients that send it', body({ sku: { ...sku, enum: ['a'] }, gift })],
  ])('%s', (text, over) => {
    expect(textsOf(over)).toEqual([`POST /orders: ${text}`]);
  });

  it('is the removal of an endpoint', () => {
    expect(compareDocuments(before, { ...before, paths: {} })).toEqual([
      {
        endpoint: 'GET /home',
        subject: '',
        what: 'is gone',
        breaking: true,
        text: 'GET /home: is gone: breaks clients that ask for it',
      },
      expect.objectContaining({ endpoint: 'POST /orders', breaking: true }),
    ]);
  });
});

describe('a change that breaks no client', () => {
  it.each<[string, Parameters<typeof documentOf>[0]]>([
    ['GET /home: orders[].weight is new', member('weight', { type: 'number' })],
    ['GET /home: orders[].total is no longer number', member('total', { type: 'integer' })],
    ['GET /home: orders[].state is no longer "shipped"', member('state', { type: 'string', enum: ['open'] })],
    ['GET /home: orders[].note is never null now', member('note', { type: 'string' })],
    ['GET /home: orders[].note is always there now', { order: { required: [...order.required, 'note'] } }],
    ['GET /home: 404 does not come back any more', { responses: { 404: undefined } as Json }],
    ['GET /home: asks no longer for home:read', { operation: { security: [{ bearer: [] }] } }],
    [
      'GET /home: query page is new and may be sent',
      { operation: { parameters: [limit, { name: 'page', in: 'query', schema: {} }] } },
    ],
    [
      'GET /home: query limit has maximum 200 instead of 100',
      { operation: { parameters: [{ ...limit, schema: { ...limit.schema, maximum: 200 } }] } },
    ],
    ['POST /orders: body sku has no maxLength any more', body({ sku: { type: 'string' }, gift })],
    ['POST /orders: body gift may be null now', body({ sku, gift: { type: ['boolean', 'null'] } })],
    ['POST /orders: body sku is no longer required', body({ sku, gift }, [])],
    ['GET /about: is new', { paths: { '/about': { get: { responses: {} } } } }],
  ])('%s', (text, over) => {
    const after: unknown = JSON.parse(JSON.stringify(documentOf(over)));
    expect(compareDocuments(before, after)).toEqual([expect.objectContaining({ text, breaking: false })]);
  });

  it('does not include new descriptions, summaries or tags: these are no changes', () => {
    expect(textsOf({ operation: { summary: 'What the app opens with', tags: ['start'] } })).toEqual([]);
    expect(textsOf({ order: { description: 'One order.' } })).toEqual([]);
  });

  it('does not include another way to write a schema: inline or by reference, in one piece or by allOf', () => {
    const inline = { response: { properties: { ...home.properties, orders: { type: 'array', items: order } } } };
    expect(textsOf(inline)).toEqual([]);
    const { id, ...others } = order.properties;
    const parts = [
      { type: 'object', properties: { id }, required: ['id'] },
      { type: 'object', properties: others, required: ['total', 'state'], additionalProperties: false },
    ];
    const together = {
      response: { properties: { ...home.properties, orders: { type: 'array', items: { allOf: parts } } } },
    };
    expect(textsOf(together)).toEqual([]);
  });
});

describe('recursive schemas', () => {
  const tree = (over: Json) => ({
    ...documentOf({ response: { properties: { root: { $ref: '#/components/schemas/Node' } } } }),
    components: {
      schemas: {
        Order: order,
        Node: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            children: { type: 'array', items: { $ref: '#/components/schemas/Node' } },
            ...over,
          },
        },
      },
    },
  });

  it('are compared once', () => {
    expect(compareDocuments(tree({}), tree({}))).toEqual([]);
    const changes = compareDocuments(tree({}), tree({ name: { type: ['string', 'null'] } }));
    expect(changes.map(({ subject }) => subject)).toEqual(['root.name']);
  });
});

describe('alternatives', () => {
  const kind = (name: string, over: Json = {}) => ({
    type: 'object',
    properties: { kind: { const: name }, ...over },
    required: ['kind'],
  });
  const feed = (...kinds: readonly Json[]) => documentOf({ response: { properties: { item: { oneOf: kinds } } } });

  it('are compared with alternatives of their own kind, in any order', () => {
    const text = { text: { type: 'string' } };
    expect(compareDocuments(feed(kind('a', text), kind('b')), feed(kind('b'), kind('a', text)))).toEqual([]);
    const [change, ...more] = compareDocuments(feed(kind('a', text), kind('b')), feed(kind('b'), kind('a')));
    expect([change?.subject, change?.what, more]).toEqual(['item.text', 'is gone', []]);
  });

  it('break clients that read where a new alternative comes, and none where one goes', () => {
    const [change] = compareDocuments(feed(kind('a'), kind('b')), feed(kind('a'), kind('b'), kind('c')));
    expect(change).toMatchObject({ breaking: true, what: 'may be kind="c" now' });
    expect(compareDocuments(feed(kind('a'), kind('b'), kind('c')), feed(kind('a'), kind('b')))).toEqual([
      expect.objectContaining({ breaking: false }),
    ]);
  });
});

describe('for every shape of a response', () => {
  const leaf = fc.constantFrom<Json>(
    { type: 'string' },
    { type: 'integer', minimum: 0 },
    { type: ['number', 'null'] },
    { enum: ['a', 'b'] },
    { type: 'string', format: 'date' },
  );
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  const { schema } = fc.letrec<{ schema: Json; object: Json }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      leaf,
      tie('object'),
      tie('schema').map((items) => ({ type: 'array', items })),
    ),
    object: fc
      .tuple(fc.dictionary(name, tie('schema'), { maxKeys: 4 }), fc.infiniteStream(fc.boolean()))
      .map(([properties, chosen]) => ({
        type: 'object',
        properties,
        required: Object.keys(properties).filter(() => chosen.next().value),
      })),
  }));
  const members = fc.dictionary(name, schema, { minKeys: 1, maxKeys: 4 });
  const responding = (properties: Json, required: readonly string[]) =>
    documentOf({ response: { type: 'object', properties, required } });

  it('an unchanged response or a new member breaks no client', () => {
    fc.assert(
      fc.property(members, schema, fc.boolean(), (properties, added, isRequired) => {
        const required = Object.keys(properties);
        const pinned = responding(properties, required);
        expect(compareDocuments(pinned, responding(properties, required))).toEqual([]);
        const more = responding({ ...properties, Added: added }, [...required, ...(isRequired ? ['Added'] : [])]);
        expect(compareDocuments(pinned, more)).toEqual([
          expect.objectContaining({ subject: 'Added', what: 'is new', breaking: false }),
        ]);
      }),
    );
  });

  it('a member that is removed, made optional or made nullable breaks clients', () => {
    fc.assert(
      fc.property(members, fc.nat(), (properties, index) => {
        const names = Object.keys(properties);
        const gone = names[index % names.length] ?? '';
        const pinned = responding(properties, names);
        const { [gone]: own, ...rest } = properties;
        const others = names.filter((one) => one !== gone);
        for (const after of [responding(rest, others), responding(properties, others)]) {
          expect(compareDocuments(pinned, after)).toEqual([expect.objectContaining({ subject: gone, breaking: true })]);
        }
        fc.pre(!JSON.stringify(own?.['type'] ?? '').includes('null'));
        const nullable = { ...properties, [gone]: { anyOf: [own, { type: 'null' }] } };
        expect(compareDocuments(pinned, responding(nullable, names))).toEqual([
          expect.objectContaining({ subject: gone, what: 'may be null now', breaking: true }),
        ]);
      }),
    );
  });

  it('two documents differ in both directions or in none', () => {
    fc.assert(
      fc.property(schema, schema, (one, other) => {
        const documents = [one, other].map((value) => responding({ value }, ['value']));
        const there = compareDocuments(documents[0], documents[1]);
        const back = compareDocuments(documents[1], documents[0]);
        expect(there.length === 0).toBe(back.length === 0);
      }),
    );
  });
});
