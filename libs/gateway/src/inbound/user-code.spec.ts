import {
  Body,
  Controller,
  createParamDecorator,
  Get,
  HttpException,
  Injectable,
  Post,
  Query,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { compute, pick, plan, problem, required, screen, step, where } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { ProblemError } from '@frontage/core';
import { throwError, type Observable } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { z as mini } from 'zod/mini';
import { rawReplies } from '@frontage/testing/raw-replies';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { getItem, listItems } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

/** The functions of the app, set by each test. */
let act: () => unknown = () => undefined;

// The types of a function say that it is synchronous; that of a team may be compiled from anything.
const acts = <T>(): T => act() as T;

const item = () => required(getItem, { path: { id: 'i-1' } });
const refused = problem(409, 'refused', (): string => acts());
const bodyOf = (schema: z.ZodType | mini.ZodMiniType) =>
  screen(
    plan(`spec.body${(count += 1)}`, { input: { body: schema }, deadlineMs: 1000 }, () => ({ item: item() })),
    (parts) => pick(parts.item, 'id'),
  );
let count = 0;

const foreignSchema = {
  '~standard': { version: 1, vendor: 'spec', validate: (): { readonly value: string } => acts() },
} as const;
const foreign = screen(
  plan('spec.foreign', { input: { body: foreignSchema }, deadlineMs: 1000 }, () => ({ item: item() })),
  (parts) => pick(parts.item, 'id'),
);
const steps = screen(
  plan('spec.step', { deadlineMs: 1000 }, () => {
    const found = item();
    return { found, made: step(z.object({ a: z.string() }), { found }, () => acts<{ a: string }>()) };
  }),
  ({ made }) => pick(made, 'a'),
);
const refusing = screen(
  plan('spec.refusing', { deadlineMs: 1000 }, () => {
    const found = item();
    return { found, made: step(z.object({ a: z.string() }), { found, refused }, (seen) => seen.refused()) };
  }),
  ({ made }) => pick(made, 'a'),
);
const computing = screen(
  plan('spec.compute', { deadlineMs: 1000 }, () => ({ found: item() })),
  ({ found }) => ({ made: compute(z.string(), { id: found.id }, () => acts<string>()) }),
);
const filtering = screen(
  plan('spec.where', { deadlineMs: 1000 }, () => ({ found: required(listItems, {}) })),
  ({ found }) => ({ made: where(found, ['id'], () => acts<boolean>()) }),
);

const Decorated = createParamDecorator(() => act());

@Injectable()
class Guarding implements CanActivate {
  canActivate(): boolean {
    return acts();
  }
}
@Injectable()
class Throwing implements NestInterceptor {
  intercept(): Observable<unknown> {
    return acts();
  }
}
@Injectable()
class Failing implements NestInterceptor {
  intercept(_context: unknown, _next: CallHandler): Observable<unknown> {
    return throwError(act);
  }
}
class Piping implements PipeTransform {
  transform(): unknown {
    return act();
  }
}

@Public()
@Controller()
class Everything {
  @Get('handler')
  handler(): unknown {
    return act();
  }
  @Get('async')
  async later(): Promise<unknown> {
    await Promise.resolve();
    return act();
  }
  @Get('decorator')
  decorated(@Decorated() value: unknown): unknown {
    return value;
  }
  @Get('pipe')
  piped(@Query('x', Piping) value: unknown): unknown {
    return value;
  }
  @Get('guard')
  @UseGuards(Guarding)
  guarded(): string {
    return 'in';
  }
  @Get('interceptor')
  @UseInterceptors(Throwing)
  intercepted(): string {
    return 'in';
  }
  @Get('observable')
  @UseInterceptors(Failing)
  observed(): string {
    return 'in';
  }
  @Get('screen')
  @Screen(steps)
  input(): Record<string, unknown> {
    return acts();
  }
  @Get('screen/decorator')
  @Screen(computing)
  screenDecorated(@Decorated() _value: unknown) {
    return {};
  }
  @Get('step')
  @Screen(steps)
  step() {
    return {};
  }
  @Get('refusal')
  @Screen(refusing)
  refuse() {
    return {};
  }
  @Get('compute')
  @Screen(computing)
  compute() {
    return {};
  }
  @Get('where')
  @Screen(filtering)
  where() {
    return {};
  }
  @Post('zod')
  @Screen(bodyOf(z.object({ n: z.string().transform(() => act()) })))
  zod(@Body() body: unknown) {
    return { body };
  }
  @Post('mini')
  @Screen(
    bodyOf(
      mini.object({
        n: mini.pipe(
          mini.string(),
          mini.transform(() => act()),
        ),
      }),
    ),
  )
  mini(@Body() body: unknown) {
    return { body };
  }
  @Post('refine')
  @Screen(bodyOf(z.object({ n: z.string().refine(() => act()) })))
  refine(@Body() body: unknown) {
    return { body };
  }
  @Post('foreign')
  @Screen(foreign)
  foreign(@Body() body: unknown) {
    return { body };
  }
  @Get('alive')
  alive(): string {
    return 'alive';
  }
}

const inNest = ['handler', 'async', 'decorator', 'pipe', 'guard', 'interceptor', 'observable'];
const places = [...inNest, 'screen', 'screen/decorator', 'step', 'refusal', 'compute', 'where'];
const schemas = ['zod', 'mini', 'refine', 'foreign'];

const throws = (): never => {
  throw new Error('from a getter');
};
const withGetters = (): object =>
  Object.defineProperties(
    {},
    {
      message: { get: throws },
      stack: { get: throws },
      status: { get: throws },
      statusCode: { get: throws },
      name: { get: throws },
    },
  );
const proxy = (): object =>
  new Proxy(
    {},
    { get: throws, has: throws, getPrototypeOf: throws, ownKeys: throws, getOwnPropertyDescriptor: throws },
  );
const revoked = (): object => {
  const made = Proxy.revocable({}, {});
  made.revoke();
  return made.proxy;
};

const thrown: Readonly<Record<string, () => unknown>> = {
  'an error': () => new Error('secret'),
  'a text': () => 'secret',
  undefined: () => undefined,
  null: () => null,
  'a number': () => 42,
  'a bigint': () => 42n,
  'a symbol': () => Symbol('secret'),
  'a function': () => () => 'secret',
  'an object without a prototype': () => Object.assign(Object.create(null) as object, { message: 'secret' }),
  'a frozen object': () => Object.freeze({ message: 'secret' }),
  'a frozen error': () => Object.freeze(new Error('secret')),
  'getters that throw': withGetters,
  'an error whose getters throw': () =>
    Object.defineProperties(new Error('secret'), { message: { get: throws }, stack: { get: throws } }),
  'an error whose texts are none': () => Object.assign(new Error('secret'), { message: 1, stack: {}, name: null }),
  'a proxy that throws': proxy,
  'a revoked proxy': revoked,
  'an exception with a strange status': () => new HttpException('secret', Number.NaN),
  'an exception whose status is a text': () => Object.assign(new Error('secret'), { statusCode: '404' }),
  'a status that ends nothing': () => Object.assign(new Error('secret'), { statusCode: 200 }),
  'a problem with a header that no response may have': () =>
    new ProblemError('GW_INTERNAL', { headers: { 'x\r\ny': 'z' } }),
  'a circle of causes': () => {
    const error = new Error('secret');
    error.cause = error;
    return error;
  },
  'a RangeError of the stack': () => new RangeError('Maximum call stack size exceeded'),
};

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({ controllers: [Everything], policy: 'deadline: 1s\n' });
});
afterEach(async () => {
  // An unhandled rejection would have ended the process by now; the runner reports each one too.
  await new Promise((resolve) => setImmediate(resolve));
  expect((await app.ask('/alive')).status).toBe(200);
});
afterAll(() => app?.stop());

const ask = (place: string): Promise<Response> => {
  const lamp = { id: 'i-1', name: 'Lamp' };
  app.shop.reply = rawReplies.json(place === 'where' ? [lamp] : lamp);
  return schemas.includes(place) ? app.post(`/${place}`, { n: 'x' }) : app.ask(`/${place}`);
};

const isProblem = async (answer: Response, status = 500): Promise<void> => {
  const text = await answer.text();
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    status,
    'application/problem+json; charset=utf-8',
  ]);
  expect(text).not.toContain('secret');
};

describe.each([...places, ...schemas])('a function of the app: %s', (place) => {
  it.each(Object.keys(thrown))('throws %s', async (what) => {
    act = () => {
      throw thrown[what]?.();
    };
    await isProblem(await ask(place));
  });

  it.each(['an error', 'undefined', 'an object without a prototype', 'a revoked proxy'])(
    'rejects with %s',
    async (what) => {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors
      act = () => Promise.reject(thrown[what]?.());
      const answer = await ask(place);
      expect([400, 500]).toContain(answer.status);
      expect(await answer.text()).not.toContain('secret');
    },
  );

  it.each(['an error', 'undefined', 'a revoked proxy'])('throws a promise that rejects with %s', async (what) => {
    act = () => {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors, typescript/only-throw-error
      throw Promise.reject(thrown[what]?.());
    };
    await isProblem(await ask(place));
  });

  it('throws something like a promise that fails when it is waited for', async () => {
    const fails = (): never => {
      throw new Error('secret');
    };
    act = () => {
      // oxlint-disable-next-line typescript/only-throw-error, unicorn/no-thenable -- the value under test
      throw Object.fromEntries([['then', fails]]);
    };
    await isProblem(await ask(place));
  });
});

it.each(['handler', 'async', 'decorator', 'pipe', 'guard', 'interceptor', 'screen', 'screen/decorator'])(
  'ends with the deadline where a function never settles: %s',
  async (place) => {
    act = () => new Promise(() => undefined);
    await isProblem(await ask(place), 504);
  },
);
