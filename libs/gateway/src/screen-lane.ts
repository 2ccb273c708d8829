import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionContext, Type } from '@nestjs/common';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { ApplicationConfig, DiscoveryService } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { PipelineGuard } from './pipeline.guard.js';
import { ProblemFilter } from './problem.filter.js';
import type { BoundRoute, GatewayRuntime } from './runtime.js';
import type { BoundScreen } from './screen-runner.js';
import { screenMethodOf, type ScreenMethod } from './screen.decorator.js';

/** What Fastify hands to the handler of a route. */
export interface LaneRequest {
  readonly raw: IncomingMessage;
  readonly query: unknown;
  readonly params: unknown;
  readonly body: unknown;
  readonly headers: unknown;
}

export interface LaneReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

export type LaneHandler = (request: LaneRequest, reply: LaneReply) => void;

type Reader = (request: LaneRequest, reply: LaneReply) => unknown;
type Input = Readonly<Record<string, unknown>>;

/** One parameter of a controller's method, as Nest's own decorators write it down. */
interface ParameterMetadata {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: readonly unknown[];
  readonly schema?: unknown;
  readonly factory?: (data: unknown, execution: ExecutionContext) => unknown;
}

/** With one of these a route does more than a lane does: Nest's own way takes it. */
const onController = ['__guards__', '__interceptors__', '__pipes__', '__exceptionFilters__', '__version__', 'host'];
const onMethod = [
  ...onController,
  '__headers__',
  '__redirect__',
  '__renderTemplate__',
  '__sse__',
  '__responsePassthrough__',
];

/**
 * The short way from Fastify's router to a screen, without what Nest makes per request for guards, interceptors, pipes and answers that
 * the screen does not have. It is for the routes where nothing of that is there, which is decided at boot: whatever a team registers is
 * run, on Nest's own way. Hooks of Fastify and middleware come before both.
 */
export class ScreenLane {
  readonly #runtime: GatewayRuntime;
  readonly #discovery: DiscoveryService;
  readonly #application: ApplicationConfig;

  constructor(runtime: GatewayRuntime, discovery: DiscoveryService, application: ApplicationConfig) {
    this.#runtime = runtime;
    this.#discovery = discovery;
    this.#application = application;
  }

  /** The lane for a handler that Nest registers; `undefined` where Nest's own way has to serve it. */
  for(registered: object): LaneHandler | undefined {
    const method = screenMethodOf(registered);
    const filter = this.#problemFilter();
    if (method === undefined || filter === undefined) return undefined;
    const [found, ...others] = this.#discovery
      .getControllers()
      .filter(({ metatype }) => metatype?.prototype[method.name] === method.answering);
    if (found?.metatype == null || others.length > 0 || !found.isDependencyTreeStatic()) return undefined;
    const controller = found.metatype as Type;
    if (has(controller, onController) || has(method.answering, onMethod)) return undefined;
    const readers = readersOf(controller, method);
    const bound = this.#runtime.boundRoute(controller, method.answering);
    if (readers === undefined || bound.screen === undefined) return undefined;
    return laneOf(
      this.#runtime,
      filter,
      bound,
      bound.screen,
      (args) => Reflect.apply(method.input, found.instance, args),
      readers,
    );
  }

  /** What answers for what is thrown; `undefined` where the app has anything of its own around every route. */
  #problemFilter(): ProblemFilter | undefined {
    const app = this.#application;
    const [guard, ...guards] = app.getGlobalGuards();
    const [filter, ...filters] = app.getGlobalFilters();
    const others = [
      guards,
      filters,
      app.getGlobalInterceptors(),
      app.getGlobalPipes(),
      app.getGlobalRequestGuards(),
      app.getGlobalRequestFilters(),
      app.getGlobalRequestInterceptors(),
      app.getGlobalRequestPipes(),
      app.getGlobalPreRequestHooks(),
    ];
    const isOurs = guard instanceof PipelineGuard && filter instanceof ProblemFilter;
    return isOurs && others.every(({ length }) => length === 0) && app.getVersioning() === undefined
      ? filter
      : undefined;
  }
}

function laneOf(
  runtime: GatewayRuntime,
  filter: ProblemFilter,
  bound: BoundRoute,
  screen: BoundScreen,
  inputOf: (args: readonly unknown[]) => Input,
  readers: readonly Reader[],
): LaneHandler {
  const { successStatus } = bound.route;
  return (request, reply) => {
    const { raw } = request;
    const response = reply.raw;
    reply.hijack();
    const fail = (thrown: unknown): void => filter.answer(thrown, raw, response);
    try {
      const exchange = runtime.openExchange(bound, raw, response);
      const answer = (): Promise<void> => {
        response.statusCode = successStatus;
        const args = readers.map((read) => read(request, reply));
        // A decorator of the app's may have to wait for what it reads.
        if (args.some(isThenable)) {
          return Promise.all(args).then((values) => screen.answer(exchange, inputOf(values)));
        }
        return screen.answer(exchange, inputOf(args));
      };
      const pending = bound.admit(exchange);
      (pending === undefined ? answer() : pending.then(answer)).catch(fail);
    } catch (thrown) {
      fail(thrown);
    }
  };
}

const isThenable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

const has = (target: object, keys: readonly string[]): boolean =>
  keys.some((key) => Reflect.getMetadata(key, target) !== undefined);

/** One reader per parameter, in order; `undefined` where a parameter is none of the plain ones. */
function readersOf(controller: Type, { name, answering, responseIndex }: ScreenMethod): readonly Reader[] | undefined {
  const metadata: Readonly<Record<string, ParameterMetadata>> =
    Reflect.getMetadata('__routeArguments__', controller, name) ?? {};
  const readers: Reader[] = Array.from({ length: responseIndex }, () => () => undefined);
  for (const [key, parameter] of Object.entries(metadata)) {
    if (parameter.index === responseIndex) continue;
    const reader = readerOf(key, parameter, controller, answering);
    if (reader === undefined || parameter.index > responseIndex) return undefined;
    readers[parameter.index] = reader;
  }
  return readers;
}

function readerOf(
  key: string,
  { data, pipes = [], schema, factory }: ParameterMetadata,
  controller: Type,
  answering: ScreenMethod['answering'],
): Reader | undefined {
  if (pipes.length > 0 || schema !== undefined) return undefined;
  if (factory !== undefined) {
    return (request, reply) => factory(data, new ExecutionContextHost([request, reply], controller, answering));
  }
  if (data !== undefined) return undefined;
  return plainReaders[key.split(':', 1)[0] ?? ''];
}

/** By the kind that Nest writes before the index of a parameter. */
const plainReaders: Readonly<Record<string, Reader>> = {
  [RouteParamtypes.BODY]: ({ body }) => body,
  [RouteParamtypes.QUERY]: ({ query }) => query,
  [RouteParamtypes.PARAM]: ({ params }) => params,
  [RouteParamtypes.HEADERS]: ({ headers }) => headers,
};
