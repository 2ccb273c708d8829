import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { compileScreen } from '../compile-screen.js';
import { declared, failed, PlanBench } from '../fixtures/plan-runs.js';
import type { Deep, Ref } from '../model/references.js';
import { problem } from '../model/refusals.js';
import { given } from '../model/schema.js';
import { plan } from '../plan/plan.js';
import { optional, required, step, write } from '../plan/verbs.js';
import { byKind, mapEnum } from '../view/choices.js';
import { compute, named, orNull, orOmit, pick, text } from '../view/combinators.js';
import { count, list, take, where } from '../view/lists.js';
import { screen } from '../view/screen.js';
import { withMembers } from './problem-members.js';

interface FormError {
  title: string;
  secretTrace?: string;
  hint?: string | null;
  errors: { pointer: string; message: string; kind: 'EMPTY' | 'TOO_LONG'; internal?: string }[];
  cause: { type: 'limit'; max: number } | { type: 'taken'; by: string };
}

const formError = {
  type: 'object',
  required: ['title', 'errors', 'cause'],
  properties: {
    title: { type: 'string' },
    secretTrace: { type: 'string' },
    hint: { type: ['string', 'null'] },
    errors: { type: 'array', items: { $ref: '#/components/schemas/Wrong' } },
    cause: {
      oneOf: [
        {
          type: 'object',
          required: ['type', 'max'],
          properties: { type: { const: 'limit' }, max: { type: 'integer' } },
        },
        { type: 'object', required: ['type', 'by'], properties: { type: { const: 'taken' }, by: { type: 'string' } } },
      ],
    },
  },
};
const wrong = {
  type: 'object',
  required: ['pointer', 'message', 'kind'],
  properties: {
    pointer: { type: 'string' },
    message: { type: 'string' },
    kind: { enum: ['EMPTY', 'TOO_LONG'] },
    internal: { type: 'string' },
  },
};
const contract: Contract = {
  upstream: 'shop',
  title: 'Shop',
  version: '1.0.0',
  schemas: new SchemaTable([
    ['Wrong', JSON.stringify(wrong)],
    ['addOrder.422', JSON.stringify(formError)],
    ['FormError', JSON.stringify(formError)],
  ]),
};
const responses = [
  { status: '201', media: 'application/json' },
  { status: '409', media: 'application/problem+json', schema: 'FormError' },
  { status: '422', media: 'application/problem+json', schema: 'addOrder.422' },
  { status: '4XX', media: 'application/problem+json' },
];
type Errors = { '409': FormError; '422': FormError; '4XX': unknown };
const addOrder: Operation<{ body: { sku: string } }, { id: string }, Errors, 'POST'> = {
  contract,
  id: 'addOrder',
  method: 'POST',
  path: '/orders',
  body: { media: ['application/json'] },
  responses,
};
const getOrder: Operation<{ path: { id: string } }, { id: string }, Errors, 'GET'> = {
  contract,
  id: 'getOrder',
  method: 'GET',
  path: '/orders/{id}',
  responses,
};

const body: FormError = {
  title: 'Not this way',
  secretTrace: 'at 10.0.0.7',
  errors: [
    { pointer: '/sku', message: 'is empty', kind: 'EMPTY', internal: 'secret' },
    { pointer: '/note', message: 'is long', kind: 'TOO_LONG' },
  ],
  cause: { type: 'limit', max: 3 },
};

const invalid = problem(422, 'order_invalid', 'The order is not accepted.');
let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));

type RefuseOn = Parameters<typeof write<{ body: { sku: string } }, { id: string }, Errors, 'POST'>>[2];
const refusing = (refuseOn: NonNullable<RefuseOn>['refuseOn'] & object) =>
  plan('form', { deadlineMs: 200 }, () => ({ order: write(addOrder, { body: { sku: 'a' } }, { refuseOn }) }));
const endOf = async (refuseOn: NonNullable<RefuseOn>['refuseOn'] & object, sent: unknown = body, status = 422) =>
  (await bench.finish(bench.start(refusing(refuseOn), {}, { order: { failure: declared(status, sent) } }))).result;

describe('members of a problem', () => {
  it('are made of the declared error body by the verbs of a view', async () => {
    const end = await endOf({
      422: (error) =>
        withMembers(invalid, {
          reason: error.title,
          hint: orNull(error.hint),
          note: orOmit(error.hint),
          count: count(error.errors),
          first: list(take(error.errors, 1), (one) => pick(one, 'pointer')),
          empty: list(
            where(error.errors, ['kind'], ({ kind }) => kind === 'EMPTY'),
            (one) => one.pointer,
          ),
          fields: list(error.errors, (one, index) => ({
            at: one.pointer,
            index,
            why: mapEnum(one.kind, { EMPTY: 'empty', TOO_LONG: 'long' }),
            text: text`${one.pointer} ${one.message}`,
          })),
          loud: compute(z.string(), { title: error.title }, ({ title }) => title.toUpperCase()),
          cause: byKind(error.cause, 'type', {
            limit: (cause) => ({ max: cause.max }),
            taken: (cause) => ({ by: cause.by }),
          }),
        }),
    });
    expect(end).toMatchObject({
      kind: 'refused',
      status: 422,
      code: 'order_invalid',
      detail: 'The order is not accepted.',
      part: 'order',
      members: {
        reason: 'Not this way',
        hint: null,
        count: 2,
        first: [{ pointer: '/sku' }],
        empty: ['/sku'],
        fields: [
          { at: '/sku', index: 0, why: 'empty', text: '/sku is empty' },
          { at: '/note', index: 1, why: 'long', text: '/note is long' },
        ],
        loud: 'NOT THIS WAY',
        cause: { max: 3 },
      },
      writes: { refused: ['order'] },
    });
  });

  it('are pruned to the members that the contract declares, and may be `errors` in the usual form', async () => {
    const sent = { ...body, errors: [{ ...body.errors[0], stack: 'secret', internal: undefined }] };
    const end = await endOf({ 422: (error) => withMembers(invalid, { errors: error.errors }) }, sent);
    expect(end).toMatchObject({ members: { errors: [{ pointer: '/sku', message: 'is empty', kind: 'EMPTY' }] } });
    // A list that the contract does not require is left out where it is not there.
    const unsure = await endOf({ 422: (error) => withMembers(invalid, { errors: orOmit(error.errors) }) }, sent);
    expect(unsure).toMatchObject({ members: { errors: [{ pointer: '/sku' }] } });
    expect(JSON.stringify(end)).not.toContain('secret');
  });

  it('stand beside a text that is made of the error body and of the input', async () => {
    const told = problem(409, 'told', (why: string, who: string) => `${why}, ${who}.`);
    const form = plan('told', { input: { caller: given<{ id: string }>() }, deadlineMs: 200 }, ({ caller }) => ({
      order: write(
        addOrder,
        { body: { sku: 'a' } },
        { refuseOn: { 422: (error) => withMembers(told(error.title, caller.id), { fields: count(error.errors) }) } },
      ),
    }));
    const run = bench.start(form, { caller: { id: 'Ada' } }, { order: { failure: declared(422, body) } });
    expect((await bench.finish(run)).result).toMatchObject({
      status: 409,
      code: 'told',
      detail: 'Not this way, Ada.',
      members: { fields: 2 },
    });
  });

  it.each<[string, unknown]>([
    ['lacks a list', { title: 'x', cause: body.cause }],
    ['has a text in place of a list', { ...body, errors: 'none' }],
    ['has an item that lacks a member', { ...body, errors: [{ message: 'x', kind: 'EMPTY' }] }],
    ['has a value that the contract does not name', { ...body, errors: [{ ...body.errors[0], kind: 'OTHER' }] }],
    ['is a text', 'no'],
    ['is null', null],
    ['is a list', [body]],
    ['is longer than 64 KiB', { ...body, errors: Array.from({ length: 2_000 }, () => body.errors[1]) }],
  ])('are left out where the body %s: the problem stays', async (_, sent) => {
    const fields = {
      422: (error: Deep<FormError>) =>
        withMembers(invalid, {
          fields: list(error.errors, (one) => ({
            ...pick(one, 'pointer', 'message'),
            why: mapEnum(one.kind, { EMPTY: 1, TOO_LONG: 2 }),
          })),
        }),
    };
    const end = await endOf(fields, sent);
    expect(end).toMatchObject({ status: 422, code: 'order_invalid', detail: 'The order is not accepted.' });
    expect(end).not.toHaveProperty('members');
  });

  it('are left out where the response has no readable body', async () => {
    const page = { ...failed, upstreamStatus: 422 };
    const form = refusing({ 422: (error) => withMembers(invalid, { reason: error.title }) });
    const { result } = await bench.finish(bench.start(form, {}, { order: { failure: page } }));
    expect(result).toMatchObject({ status: 422, code: 'order_invalid' });
    expect(result).not.toHaveProperty('members');
  });

  it('belong to the status that arrived', async () => {
    const refuseOn = {
      409: (error: Deep<FormError>) => withMembers(invalid, { reason: error.title }),
      '4XX': problem(400, 'other', 'Other.'),
    };
    expect(await endOf(refuseOn, body, 409)).toMatchObject({ members: { reason: 'Not this way' } });
    expect(await endOf(refuseOn, body, 410)).toMatchObject({ status: 400, code: 'other' });
  });

  it('are those of optional calls and of fallbacks, too', async () => {
    const refuseOn = { 409: (error: Deep<FormError>) => withMembers(invalid, { reason: error.title }) };
    const form = plan('fallback', { deadlineMs: 200 }, () => ({
      order: optional(
        getOrder,
        { path: { id: 'a' } },
        { fallback: optional(getOrder, { path: { id: 'b' } }, { refuseOn }) },
      ),
    }));
    const replies = { order: { failure: failed }, 'order.fallback': { failure: declared(409, body) } };
    const { result } = await bench.finish(bench.start(form, {}, replies));
    expect(result).toMatchObject({ code: 'order_invalid', members: { reason: 'Not this way' } });
  });
});

describe('members of a problem that a step refuses with', () => {
  const soldOut = problem(
    409,
    'sold_out',
    (sku: string) => `${sku} is sold out.`,
    z.object({ left: z.number(), since: z.date().optional() }),
  );
  const stock = (left: number | string) =>
    plan('stock', { deadlineMs: 200 }, () => {
      const order = required(getOrder, { path: { id: 'a' } });
      // A team may compile its step from anything.
      const checked = step({ id: order.id, soldOut }, (seen) =>
        seen.soldOut.with(Object.assign({ left: left as number }, { secret: 1 }), seen.id),
      );
      return { order, checked };
    });

  it('are the values that it gives, as far as the schema of the problem names them', async () => {
    const { result } = await bench.finish(bench.start(stock(2), {}, { order: { value: { id: 'p-1' } } }));
    expect(result).toEqual({
      kind: 'refused',
      status: 409,
      code: 'sold_out',
      detail: 'p-1 is sold out.',
      part: 'checked',
      members: { left: 2 },
    });
  });

  it('are a bug where they do not fit the schema', async () => {
    const run = bench.start(stock('two'), {}, { order: { value: { id: 'p-1' } } });
    await expect(bench.clock.until(run)).rejects.toThrow("the members of 'sold_out' do not fit its schema");
  });
});

describe('a mistake in members', () => {
  const at =
    (make: (error: Deep<FormError>) => unknown): (() => unknown) =>
    () =>
      // The compiler refuses most of these; code that it has not seen gets a message.
      compileScreen(
        screen(refusing({ 422: make as never }), ({ order }) => pick(order, 'id')),
        {
          bind: () => () => Promise.resolve(failed),
          clock: bench.clock,
        },
      ).problemSchemas();

  it.each<[string, (error: Deep<FormError>) => unknown, string]>([
    [
      'a name that every problem has',
      (error) => withMembers(invalid, { status: error.title } as never),
      "'status' has a meaning in every problem",
    ],
    ['no object', (error) => withMembers(invalid, error.title as never), 'are no object'],
    [
      'a field that the contract does not have',
      (error) => withMembers(invalid, { a: (error as never)['nothing'] }),
      "'nothing'",
    ],
    ['a bare condition', () => withMembers(invalid, { a: true } as never), 'fixed(true)'],
    ['another result', (error) => error.title, "refuseOn '422' of write(addOrder)"],
    ['no result', () => undefined, "refuseOn '422' of write(addOrder)"],
    [
      'an expression as an argument of the text',
      (error) => problem(409, 'a', (x: string) => x)(text`${error.title}`),
      'argument 1 of a',
    ],
  ])('stops the start: %s', (_, make, message) => {
    expect(at(make)).toThrow(message);
  });

  it('stops the start where members read another part of the plan', () => {
    expect(() =>
      plan('other', { input: { caller: given<{ id: string }>() }, deadlineMs: 200 }, ({ caller }) => ({
        order: write(
          addOrder,
          { body: { sku: 'a' } },
          { refuseOn: { 422: () => withMembers(invalid, { who: caller.id }) } },
        ),
      })),
    ).toThrow('caller.id is a reference of the plan');
  });
});

describe('the schema of a problem', () => {
  it('follows from its members and from the contract', () => {
    const soldOut = problem(409, 'sold_out', 'Sold out.', z.object({ left: z.int() }));
    const form = plan('form', { deadlineMs: 200 }, () => {
      const order = write(
        addOrder,
        { body: { sku: 'a' } },
        {
          refuseOn: {
            422: (error) =>
              withMembers(invalid, {
                reason: error.title,
                hint: orOmit(error.hint),
                fields: named('Fields', { all: error.errors }),
              }),
            409: (error) => withMembers(invalid, { wrong: error.errors }),
          },
        },
      );
      return {
        order,
        checked: step({ order, soldOut }, (seen) => (seen.order.id === '' ? seen.soldOut.with({ left: 1 }) : 1)),
      };
    });
    const compiled = compileScreen(
      screen(form, ({ order }) => pick(order, 'id')),
      {
        bind: () => () => Promise.resolve(failed),
        clock: bench.clock,
      },
    );
    const schemas = compiled.problemSchemas();
    expect(schemas.map(({ status, code, schema }) => [status, code, schema])).toEqual([
      [422, 'order_invalid', expect.objectContaining({ required: ['wrong'] })],
      [
        422,
        'order_invalid',
        {
          type: 'object',
          required: ['reason', 'fields'],
          properties: {
            reason: { type: 'string' },
            hint: { type: 'string' },
            fields: { $ref: '#/components/schemas/Fields' },
          },
          additionalProperties: false,
        },
      ],
      [
        409,
        'sold_out',
        expect.objectContaining({ properties: { left: expect.objectContaining({ type: 'integer' }) } }),
      ],
    ]);
    expect(Object.keys(schemas[1]?.components ?? {})).toEqual(['Fields', 'shop.Wrong']);
  });
});

it('types the error body by the contract, and the members by their meaning', () => {
  const typed = (): void => {
    refusing({
      422: (error) => {
        expectTypeOf(error.title).toExtend<Ref<string>>();
        // @ts-expect-error the contract has no such member
        return withMembers(invalid, { reason: error.nothing });
      },
    });
    refusing({
      422: (error) =>
        // @ts-expect-error this member has a meaning in every problem (RFC 9457): choose another name
        withMembers(invalid, { status: error.title }),
    });
    refusing({
      409: (error) =>
        // @ts-expect-error errors is a list of { pointer, message } in every problem: choose another name
        withMembers(invalid, { errors: error.title }),
    });
    // @ts-expect-error the contract declares no status 418
    refusing({ 418: () => invalid() });
    // @ts-expect-error a problem whose text takes values is called with them
    refusing({ 422: problem(400, 'a', (n: number) => String(n)) });
    // @ts-expect-error the problem declares no members
    invalid.with({ left: 1 });
  };
  expect(typed).toBeTypeOf('function');
});
