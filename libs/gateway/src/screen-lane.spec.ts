import {
  Body,
  Catch,
  Controller,
  createParamDecorator,
  Get,
  Headers,
  HttpCode,
  Injectable,
  Param,
  ParseIntPipe,
  Post,
  Query,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type ArgumentsHost,
  type CallHandler,
  type ExceptionFilter,
  type ExecutionContext,
  type PipeTransform,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { given, pick, plan, required, screen, step } from '@frontage/aggregation';
import { Access, Caller, Public } from '@frontage/auth';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest, takesTokens } from './fixtures/gateway-under-test.js';
import { getItem } from './fixtures/shop.js';
import { PipelineGuard } from './pipeline.guard.js';
import { Screen } from './screen.decorator.js';

const seen: string[] = [];

/** Answers with what it was given. */
const echo = screen(
  plan('spec.echo', { input: { said: given<{ readonly text: string }>() }, deadlineMs: 5_000 }, ({ said }) => ({
    spoken: step(z.object({ said: z.string() }), { said }, (read) => ({ said: read.said.text })),
    item: required(getItem, { path: { id: 'i-1' } }),
  })),
  ({ spoken, item: found }) => ({ ...pick(spoken, 'said'), ...pick(found, 'id') }),
);
const saying = (said: unknown) => ({ said: { text: JSON.stringify(said) } });
const item = screen(
  plan('spec.lane', { deadlineMs: 5_000 }, () => ({ item: required(getItem, { path: { id: 'i-1' } }) })),
  ({ item: found }) => pick(found, 'id'),
);

const Late = createParamDecorator((data: string, execution: ExecutionContext) =>
  Promise.resolve(`${data} ${execution.getClass().name}.${execution.getHandler().name}`),
);

@Controller()
class PlainController {
  readonly #suffix = '!';
  @Get('read/:id')
  @Public()
  @Screen(echo)
  read(
    @Param() params: unknown,
    @Query() query: unknown,
    @Headers() headers: Record<string, string>,
    @Late('late') late: string,
  ) {
    return saying([params, query, headers['user-agent'], late + this.#suffix]);
  }
  @Post('write')
  @HttpCode(202)
  @Public()
  @Screen(echo)
  write(@Body() body: unknown) {
    return saying(body);
  }
  @Get('mine')
  @Access({ scope: 'mine:read' })
  @Screen(echo)
  mine(@Caller() caller: Caller) {
    return saying(caller.subject);
  }
  @Get('bug')
  @Public()
  @Screen(item)
  bug(): Record<string, unknown> {
    throw new Error('a bug of ours');
  }
}

const note = (what: string): boolean => seen.push(what) > 0;

@Injectable()
class NotingGuard {
  canActivate(): boolean {
    return note('guard');
  }
}
@Injectable()
class NotingInterceptor {
  intercept(_execution: ExecutionContext, next: CallHandler) {
    note('interceptor');
    return next.handle();
  }
}
@Injectable()
class NotingPipe implements PipeTransform {
  transform(value: unknown): unknown {
    note('pipe');
    return value;
  }
}
@Catch(TypeError)
class NotingFilter implements ExceptionFilter {
  catch(_thrown: unknown, host: ArgumentsHost): void {
    note('filter');
    host.switchToHttp().getResponse<{ code(status: number): { send(body: unknown): void } }>().code(418).send({});
  }
}

let app: GatewayUnderTest | undefined;
const start = async (controllers: Type[], providers: Provider[] = []): Promise<GatewayUnderTest> => {
  app = await GatewayUnderTest.start({ controllers, providers, policy: takesTokens });
  return app;
};
const nests = vi.spyOn(PipelineGuard.prototype, 'canActivate');
beforeEach(() => {
  seen.length = 0;
  nests.mockClear();
});
afterEach(() => app?.stop());

async function conversation(providers: Provider[]): Promise<unknown[]> {
  const running = await start([PlainController], providers);
  const token = await running.token('ada', 'mine:read');
  const answers = [
    await running.ask('/read/a%2Fb?x=1&x=2', { headers: { 'user-agent': 'spec' } }),
    await running.ask('/read/'),
    await running.ask('/read/1', { method: 'HEAD' }),
    await running.ask('/read/1', { method: 'DELETE' }),
    await running.ask('/read%2f1'),
    await running.ask('//read/1'),
    await running.post('/write', { a: [1] }),
    await running.post('/write', '{'),
    await running.post('/write', 'x', { 'content-type': 'text/plain' }),
    await running.ask('/mine', { token }),
    await running.ask('/mine'),
    await running.ask('/mine', { token: `${token}x` }),
    await running.ask('/mine', { token: await running.token('ada') }),
    await running.ask('/bug'),
  ];
  await running.stop();
  app = undefined;
  return Promise.all(
    answers.map(async (answer) => ({
      status: answer.status,
      headers: [...answer.headers].filter(([name]) => !['date', 'x-request-id'].includes(name)),
      body: (await answer.text()).replace(/"requestId":"[^"]+"/, ''),
    })),
  );
}

describe('the short way to a screen', () => {
  it('gives the answers of the long one, also to what is wrong', async () => {
    const short = await conversation([]);
    expect(nests).not.toHaveBeenCalled();
    const long = await conversation([{ provide: APP_INTERCEPTOR, useClass: NotingInterceptor }]);
    expect(nests).toHaveBeenCalled();
    expect(short).toEqual(long);
    expect(short).toMatchObject([
      {
        status: 200,
        body: JSON.stringify({
          said: '[{"id":"a/b"},{"x":["1","2"]},"spec","late PlainController.read!"]',
          id: 'i-1',
        }),
      },
      ...[404, 200, 405, 404, 404].map((status) => ({ status })),
      { status: 202, body: JSON.stringify({ said: '{"a":[1]}', id: 'i-1' }) },
      ...[400, 415].map((status) => ({ status })),
      { status: 200, body: JSON.stringify({ said: '"ada"', id: 'i-1' }) },
      ...[401, 401, 403, 500].map((status) => ({ status })),
    ]);
  });

  it.each([
    ['guard', APP_GUARD, NotingGuard],
    ['interceptor', APP_INTERCEPTOR, NotingInterceptor],
    ['pipe', APP_PIPE, NotingPipe],
    ['filter', APP_FILTER, NotingFilter],
  ])('is not taken past a %s of the app', async (what, provide, useClass) => {
    @Controller()
    class Throwing {
      @Get('item/:id')
      @Public()
      @Screen(item)
      show(@Param() _params: unknown) {
        if (what === 'filter') throw new TypeError('for the filter');
        return {};
      }
    }
    const running = await start([Throwing], [{ provide, useClass }]);
    expect((await running.ask('/item/1')).status).toBe(what === 'filter' ? 418 : 200);
    expect(seen).toEqual([what]);
  });

  it.each([
    ['guard', UseGuards(NotingGuard)],
    ['interceptor', UseInterceptors(NotingInterceptor)],
    ['filter', UseFilters(NotingFilter)],
  ] as const)('is not taken past a %s of a method or of a controller', async (what, decorator) => {
    const show = (): Record<string, unknown> => {
      if (what === 'filter') throw new TypeError('for the filter');
      return {};
    };
    @Controller('method')
    class OnMethod {
      @Get()
      @Public()
      @Screen(item)
      @decorator
      show() {
        return show();
      }
    }
    @decorator
    @Controller('controller')
    class OnController {
      @Get()
      @Public()
      @Screen(item)
      show() {
        return show();
      }
    }
    const running = await start([OnMethod, OnController]);
    for (const path of ['/method', '/controller']) {
      expect((await running.ask(path)).status).toBe(what === 'filter' ? 418 : 200);
    }
    expect(seen).toEqual([what, what]);
  });

  it('is not taken past a pipe of a parameter', async () => {
    @Controller()
    class Piped {
      @Get('item/:id')
      @Public()
      @Screen(item)
      show(@Param('id', ParseIntPipe) _id: number) {
        return {};
      }
    }
    const running = await start([Piped]);
    expect((await running.ask('/item/1')).status).toBe(200);
    expect((await running.ask('/item/one')).status).toBe(400);
  });

  it('is not taken where a controller is made per request', async () => {
    let made = 0;
    @Controller({ path: 'item', scope: Scope.REQUEST })
    class PerRequest {
      constructor() {
        made++;
      }
      @Get()
      @Public()
      @Screen(item)
      show() {
        return {};
      }
    }
    const running = await start([PerRequest]);
    await running.ask('/item');
    await running.ask('/item');
    expect(made).toBe(2);
  });

  it('is not taken where another decorator stands around the screen', async () => {
    const around = (
      target: object,
      key: string,
      descriptor: TypedPropertyDescriptor<() => Record<string, unknown>>,
    ): void => {
      const inner = descriptor.value;
      if (inner === undefined) return;
      const outer = function (this: unknown, ...args: []): Record<string, unknown> {
        note('around');
        return Reflect.apply(inner, this, args);
      };
      for (const name of Reflect.getMetadataKeys(inner)) {
        Reflect.defineMetadata(name, Reflect.getMetadata(name, inner), outer);
      }
      Object.defineProperty(target, key, { ...descriptor, value: outer });
      descriptor.value = outer;
    };
    @Controller()
    class Wrapped {
      @Get('item')
      @Public()
      @around
      @Screen(item)
      show() {
        return {};
      }
    }
    const running = await start([Wrapped]);
    expect((await running.ask('/item')).status).toBe(200);
    expect(seen).toEqual(['around']);
  });
});
