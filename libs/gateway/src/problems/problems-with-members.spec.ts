import { Body, Controller, Post } from '@nestjs/common';
import { list, mapEnum, pick, plan, problem, screen, step, withMembers, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { Screen } from '../screens/screen.decorator.js';

interface Wrong {
  readonly field: string;
  readonly kind: 'EMPTY' | 'TAKEN';
}
interface Refused {
  readonly wrong: readonly Wrong[];
}
const contract: Contract = {
  upstream: 'shop',
  title: 'Shop',
  version: '1',
  schemas: new SchemaTable([
    [
      'Wrong',
      JSON.stringify({
        type: 'object',
        required: ['field', 'kind'],
        properties: { field: { type: 'string' }, kind: { enum: ['EMPTY', 'TAKEN'] } },
      }),
    ],
    [
      'signUp.422',
      JSON.stringify({
        type: 'object',
        required: ['wrong'],
        properties: { wrong: { type: 'array', items: { $ref: '#/components/schemas/Wrong' } } },
      }),
    ],
  ]),
};
const signUp: Operation<{ body: { name: string } }, { id: string }, { '422': Refused }, 'POST'> = {
  contract,
  id: 'signUp',
  method: 'POST',
  path: '/users',
  body: { required: true, media: ['application/json'] },
  responses: [
    { status: '201', media: 'application/json' },
    { status: '422', media: 'application/problem+json', schema: 'signUp.422' },
  ],
};

const invalid = problem(422, 'form_invalid', 'The form is not accepted.');
const late = problem(422, 'too_late', 'Sign-up is over.', z.object({ since: z.int() }));
const other = problem(422, 'other', 'Something else.');
const signUpScreen = screen(
  plan('spec.signUp', { input: { body: z.object({ name: z.string() }) }, deadlineMs: 1000 }, ({ body }) => {
    const open = step({ name: body.name, late, other }, (seen) => {
      if (seen.name === 'late') return seen.late.with({ since: 18 });
      return seen.name === 'other' ? seen.other() : seen.name;
    });
    const user = write(
      signUp,
      { body: { name: open } },
      {
        refuseOn: {
          422: (error) =>
            withMembers(invalid, {
              errors: list(error.wrong, ({ field, kind }) => ({
                pointer: field,
                message: mapEnum(kind, { EMPTY: 'is empty', TAKEN: 'is taken' }),
              })),
              wrong: list(error.wrong, (one) => pick(one, 'field')),
            }),
        },
      },
    );
    return { user };
  }),
  ({ user }) => pick(user, 'id'),
);

@Public()
@Controller('users')
class UserController {
  @Post()
  @Screen(signUpScreen)
  signUp(@Body() body: object) {
    return { body };
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({ controllers: [UserController] });
});
afterAll(() => app?.stop());

const endOf = async (name: string, reply: object, status = 422): Promise<unknown> => {
  app.shop.reply = rawReplies.json(reply, {}, status);
  const answer = await app.post('/users', { name });
  const body = (await answer.json()) as object;
  return { ...body, requestId: undefined };
};

it('sends the fields of a form error of a service, mapped, and nothing else of its body', async () => {
  const wrong = [
    { field: '/name', kind: 'TAKEN', takenBy: 'secret' },
    { field: '/mail', kind: 'EMPTY' },
  ];
  expect(await endOf('ada', { wrong, trace: 'secret' })).toEqual({
    type: 'urn:frontage:problem:form_invalid',
    title: expect.any(String),
    status: 422,
    code: 'form_invalid',
    detail: 'The form is not accepted.',
    errors: [
      { pointer: '/name', message: 'is taken' },
      { pointer: '/mail', message: 'is empty' },
    ],
    wrong: [{ field: '/name' }, { field: '/mail' }],
    writes: { done: [], undone: [], refused: ['user'], unknown: [], notSent: [] },
  });
});

it('sends the problem without its members where the error body is another one', async () => {
  for (const reply of [{ wrong: [{ field: '/name', kind: 'SOON' }] }, { title: 'secret' }, []])
    expect(await endOf('ada', reply)).toEqual({
      type: 'urn:frontage:problem:form_invalid',
      title: expect.any(String),
      status: 422,
      code: 'form_invalid',
      detail: 'The form is not accepted.',
      writes: { done: [], undone: [], refused: ['user'], unknown: [], notSent: [] },
    });
});

it('sends the members that a step gives a problem', async () => {
  expect(await endOf('late', {})).toMatchObject({ status: 422, code: 'too_late', since: 18 });
});

it('says in the document which members each code has', async () => {
  const document = (await (await fetch(`${app.adminUrl}/openapi.json`)).json()) as {
    readonly paths: Record<
      string,
      Record<string, { readonly responses: Record<string, { content: Record<string, { schema: unknown }> }> }>
    >;
    readonly components: { readonly schemas: Record<string, unknown> };
  };
  expect(document.paths['/users']?.['post']?.responses['422']?.content['application/problem+json']?.schema).toEqual({
    allOf: [{ $ref: '#/components/schemas/Problem' }],
    properties: { status: { const: 422 }, code: { enum: ['form_invalid', 'other', 'too_late'] } },
    oneOf: [
      {
        properties: {
          code: { const: 'form_invalid' },
          errors: {
            type: 'array',
            items: {
              type: 'object',
              required: ['pointer', 'message'],
              properties: { pointer: { type: 'string' }, message: { enum: ['is empty', 'is taken'] } },
              additionalProperties: false,
            },
          },
          wrong: {
            type: 'array',
            items: {
              type: 'object',
              required: ['field'],
              properties: { field: { type: 'string' } },
              additionalProperties: false,
            },
          },
        },
      },
      { properties: { code: { const: 'too_late' }, since: expect.objectContaining({ type: 'integer' }) } },
      { properties: { code: { enum: ['other'] } } },
    ],
  });
});
