import {
  BadGatewayException,
  BadRequestException,
  Body,
  ConflictException,
  Controller,
  ForbiddenException,
  GatewayTimeoutException,
  Get,
  GoneException,
  HttpException,
  ImATeapotException,
  InternalServerErrorException,
  NotFoundException,
  NotImplementedException,
  Param,
  Post,
  Query,
  ServiceUnavailableException,
  UnprocessableEntityException,
} from '@nestjs/common';
import { Public } from '@frontage/auth';
import { channels, ProblemError } from '@frontage/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { z as mini } from 'zod/mini';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';

let act: () => unknown = () => undefined;

const Order = z.object({ name: z.string().min(2), lines: z.array(z.object({ count: z.int().max(9) })) });
const Page = z.object({ limit: z.coerce.number().max(50), sort: z.enum(['name', 'price']).default('name') });
const User = z.object({ id: z.string(), age: z.number() });

/** Waits for the event loop, as a handler does that has asked a database. */
const later = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

@Public()
@Controller()
class HandWritten {
  @Get('acts')
  acts(): unknown {
    return act();
  }
  @Post('orders')
  order(@Body() body: unknown): unknown {
    return Order.parse(body);
  }
  @Post('orders/later')
  async orderLater(@Body() body: unknown): Promise<unknown> {
    await later();
    return Order.parseAsync(body);
  }
  @Post('orders/mini')
  orderOfMini(@Body() body: unknown): unknown {
    return mini.object({ name: mini.string() }).parse(body);
  }
  @Get('orders')
  orders(@Query() query: unknown): unknown {
    return Page.parse(query);
  }
  @Get('orders/:id')
  one(@Param('id') id: string): unknown {
    return z.uuid().parse(id);
  }
  @Post('user')
  async user(@Body() _body: unknown): Promise<unknown> {
    await later();
    return User.parse(act());
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({ controllers: [HandWritten], upstreams: '' });
});
afterAll(() => app?.stop());

const bodyOf = async (answer: Response): Promise<Record<string, unknown>> => {
  const { requestId, ...body } = (await answer.json()) as Record<string, unknown>;
  expect(requestId).toBe(answer.headers.get('x-request-id'));
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(body['status']).toBe(answer.status);
  return body;
};

const thrownBy = async (make: () => unknown): Promise<Record<string, unknown>> => {
  act = () => {
    throw make();
  };
  return bodyOf(await app.ask('/acts'));
};

class SoldOut extends ConflictException {
  constructor(readonly sku: string) {
    super({ code: 'SOLD_OUT', message: `${sku} is sold out`, sku, alternatives: ['p-2', 'p-3'] });
  }
}
class Computed extends HttpException {
  override getResponse(): never {
    throw new Error('secret');
  }
}

describe('an exception of Nest that a handler throws', () => {
  it.each([
    [400, 'GW_BAD_REQUEST', 'Bad request', () => new BadRequestException('text')],
    [402, 'GW_PAYMENT_REQUIRED', 'Payment required', () => new HttpException('text', 402)],
    [403, 'GW_FORBIDDEN', 'Forbidden', () => new ForbiddenException('text')],
    [404, 'GW_NOT_FOUND', 'Resource not found', () => new NotFoundException('text')],
    [409, 'GW_CONFLICT', 'Conflict', () => new ConflictException('text')],
    [410, 'GW_GONE', 'Gone', () => new GoneException('text')],
    [418, 'GW_STATUS_418', "I'm a Teapot", () => new ImATeapotException('text')],
    [422, 'GW_UNPROCESSABLE_CONTENT', 'Unprocessable content', () => new UnprocessableEntityException('text')],
    [499, 'GW_STATUS_499', 'Problem', () => new HttpException('text', 499)],
    [500, 'GW_INTERNAL', 'Internal error', () => new InternalServerErrorException('text')],
    [501, 'GW_NOT_IMPLEMENTED', 'Not implemented', () => new NotImplementedException('text')],
    [502, 'GW_UPSTREAM_FAILED', 'Upstream failed', () => new BadGatewayException('text')],
    [503, 'GW_UNAVAILABLE', 'Service unavailable', () => new ServiceUnavailableException('text')],
    [504, 'GW_UPSTREAM_TIMEOUT', 'Upstream timeout', () => new GatewayTimeoutException('text')],
    [507, 'GW_STATUS_507', 'Insufficient Storage', () => new HttpException({ message: 'text' }, 507)],
  ])('keeps its status %d and its text', async (status, code, title, make) => {
    expect(await thrownBy(make)).toEqual({
      type: `urn:frontage:problem:${code}`,
      title,
      status,
      code,
      detail: 'text',
    });
  });

  it('keeps the members that its author wrote, and the code among them', async () => {
    expect(await thrownBy(() => new SoldOut('p-1'))).toEqual({
      type: 'urn:frontage:problem:SOLD_OUT',
      title: 'Conflict',
      status: 409,
      code: 'SOLD_OUT',
      detail: 'p-1 is sold out',
      sku: 'p-1',
      alternatives: ['p-2', 'p-3'],
    });
  });

  it('keeps the members of a problem that its author wrote, but neither ours nor a code that begins as ours do', async () => {
    const body = {
      type: 'https://example.com/probs/stock',
      title: 'Out of stock',
      detail: 'None left.',
      instance: '/orders/7',
      status: 200,
      code: 'GW_FORBIDDEN',
      requestId: 'r-1',
      writes: {},
      part: 'x',
      left: 0,
    };
    expect(await thrownBy(() => new HttpException(body, 409))).toEqual({
      type: 'https://example.com/probs/stock',
      title: 'Out of stock',
      detail: 'None left.',
      instance: '/orders/7',
      status: 409,
      code: 'GW_CONFLICT',
      left: 0,
    });
  });

  it('takes the description of an exception as its title, and keeps its error code', async () => {
    const make = () =>
      new BadRequestException('text', { description: 'Wrong form', errorCode: 'F1', cause: new Error('secret') });
    expect(await thrownBy(make)).toMatchObject({ title: 'Wrong form', detail: 'text', errorCode: 'F1' });
  });

  it.each([
    [
      'texts',
      ['name is empty', 'age is no number'],
      [
        { pointer: '', message: 'name is empty' },
        { pointer: '', message: 'age is no number' },
      ],
    ],
    [
      'errors of class-validator, without the values that they repeat',
      [
        {
          property: 'name',
          value: 'hunter2',
          target: { name: 'hunter2' },
          constraints: { isInt: 'name is no number' },
        },
        { property: 'address', children: [{ property: 'a/b', constraints: { max: 'too long' }, children: [] }] },
      ],
      [
        { pointer: '/name', message: 'name is no number' },
        { pointer: '/address/a~1b', message: 'too long' },
      ],
    ],
    [
      'issues of zod',
      [{ code: 'custom', path: ['a', 0], message: 'wrong' }],
      [{ code: 'custom', path: ['a', 0], pointer: '/a/0', message: 'wrong' }],
    ],
  ])('lists wrong fields as errors: %s', async (_, list, errors) => {
    const found = await thrownBy(() => new BadRequestException(list));
    expect(found).toMatchObject({ status: 400, code: 'GW_BAD_REQUEST', errors });
    expect(found).not.toHaveProperty('message');
    expect(JSON.stringify(found)).not.toContain('hunter2');
    expect(await thrownBy(() => new HttpException({ message: 'text', errors: list }, 422))).toMatchObject({
      detail: 'text',
      errors,
    });
  });

  it('keeps a list of other things under its name', async () => {
    expect(await thrownBy(() => new BadRequestException([{ row: 3 }, { row: 4 }]))).toMatchObject({
      message: [{ row: 3 }, { row: 4 }],
    });
    expect(await thrownBy(() => new HttpException({ errors: { name: 'empty' } }, 422))).toMatchObject({
      errors: { name: 'empty' },
    });
  });

  it.each<[string, () => HttpException]>([
    ['an error in place of a text', () => new InternalServerErrorException(new Error('secret'))],
    ['an error with members', () => new HttpException(Object.assign(new Error('secret'), { address: 'secret' }), 500)],
    [
      'an error among the members',
      () =>
        new HttpException(
          {
            message: 'text',
            error: new Error('secret'),
            deep: [{ failed: Object.assign(new Error('x'), { config: 'secret' }) }],
          },
          502,
        ),
    ],
    [
      'an error that writes itself as JSON',
      () => new HttpException({ failed: Object.assign(new Error('x'), { toJSON: () => 'secret' }) }, 500),
    ],
    ['a cause and a stack', () => new HttpException({ message: 'text', cause: 'secret', stack: 'secret' }, 500)],
    ['a response that throws', () => new Computed('text', 500)],
    [
      'a circle',
      () => {
        const circle: Record<string, unknown> = { message: 'text', secret: 'secret' };
        circle['self'] = circle;
        return new HttpException(circle, 409);
      },
    ],
    [
      'a token in the text of a server error',
      () => new InternalServerErrorException('upstream refused Bearer abcdef.secret'),
    ],
    ['members without an end', () => new HttpException({ message: 'text', rows: 'secret'.repeat(20_000) }, 409)],
  ])('lets nothing out of %s', async (_, make) => {
    const body = await thrownBy(make);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(body['code']).toMatch(/^GW_/);
  });

  it('says nothing of other errors, whatever they look like', async () => {
    const looksLikeOne = () =>
      Object.assign(new Error('secret'), { status: 409, getStatus: () => 409, response: { a: 'secret' } });
    expect(await thrownBy(looksLikeOne)).toEqual({
      type: 'urn:frontage:problem:GW_INTERNAL',
      title: 'Internal error',
      status: 500,
      code: 'GW_INTERNAL',
    });
  });

  it('shortens a text that has no end', async () => {
    const { detail } = await thrownBy(() => new ConflictException('x'.repeat(100_000)));
    expect(String(detail).length).toBeLessThan(5_000);
  });

  it('goes to the log with its cause where it is a server error', async () => {
    const ended = new Promise<unknown>((resolve) => channels.requestEnded.subscribe(resolve));
    await thrownBy(() => new ServiceUnavailableException('text', { cause: new Error('the database is away') }));
    expect(await ended).toMatchObject({
      status: 503,
      code: 'GW_UNAVAILABLE',
      error: { cause: { message: 'the database is away' } },
    });
  });

  it('takes members of a problem error, too', async () => {
    expect(await thrownBy(() => new ProblemError('GW_CONFLICT', { members: { since: 3, status: 1 } }))).toMatchObject({
      status: 409,
      since: 3,
    });
  });
});

describe('a schema error that a handler throws', () => {
  const invalid = async (answer: Response): Promise<readonly { readonly pointer: string }[]> => {
    const body = await bodyOf(answer);
    expect(body).toMatchObject({ status: 400, code: 'GW_INVALID_INPUT' });
    return body['errors'] as readonly { readonly pointer: string }[];
  };

  it('lists the wrong fields of the body by JSON Pointer', async () => {
    const body = { name: 'x', lines: [{ count: 1 }, { count: 10 }] };
    expect((await invalid(await app.post('/orders', body))).map(({ pointer }) => pointer)).toEqual([
      '/body/name',
      '/body/lines/1/count',
    ]);
    expect((await invalid(await app.post('/orders', {}))).map(({ pointer }) => pointer)).toEqual([
      '/body/name',
      '/body/lines',
    ]);
    expect((await invalid(await app.post('/orders/mini', { name: 1 }))).map(({ pointer }) => pointer)).toEqual([
      '/body/name',
    ]);
    expect((await invalid(await app.post('/orders/later', body))).map(({ pointer }) => pointer)).toEqual([
      '/body/name',
      '/body/lines/1/count',
    ]);
  });

  it('lists the wrong parameters', async () => {
    expect((await invalid(await app.ask('/orders?limit=90&sort=x'))).map(({ pointer }) => pointer)).toEqual([
      '/query/limit',
      '/query/sort',
    ]);
    expect((await invalid(await app.ask('/orders'))).map(({ pointer }) => pointer)).toEqual(['/query/limit']);
    expect(await invalid(await app.ask('/orders/seven'))).toHaveLength(1);
  });

  it.each([
    ['has another type', { id: 'u-1', age: 'old' }, { name: 'Ada' }],
    ['lacks a member', { id: 'u-1' }, {}],
    ['is a list', [], {}],
    ['lacks what the body has', { age: 3 }, { id: 'u-1', age: 3 }],
  ])('is no fault of the client where the response of a service %s', async (_, response, body) => {
    act = () => response;
    expect(await bodyOf(await app.post('/user', body))).toMatchObject({ status: 500, code: 'GW_INTERNAL' });
  });
});
