import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  Catch,
  HttpException,
  Inject,
  NotFoundException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import {
  errorCodes,
  heedRejection,
  ProblemError,
  problemOf,
  table,
  type ErrorCode,
  type Problem,
} from '@frontage/core';
import { exchangeOf, rawRequest, rawResponse } from '../exchange/exchange.js';
import { writeProblem } from '../exchange/responder.js';
import { RUNTIME, type GatewayRuntime } from '../runtime/runtime.js';

type PlatformRequest = IncomingMessage | { readonly raw: IncomingMessage };
type PathOnExpress = IncomingMessage & { readonly originalUrl?: string };
type PlatformResponse = ServerResponse | { readonly raw: ServerResponse; hijack(): unknown };

/** Turns every thrown value into a problem response. An error that is not meant for the client is logged, and the response is GW_INTERNAL. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #runtime: GatewayRuntime;

  constructor(@Inject(RUNTIME) runtime: GatewayRuntime) {
    this.#runtime = runtime;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') return leaveToTransport(thrown, host);
    const http = host.switchToHttp();
    const request = http.getRequest<PlatformRequest>();
    const response = http.getResponse<PlatformResponse>();
    if ('hijack' in response) response.hijack();
    this.respond(thrown, rawRequest(request), rawResponse(response));
  }

  respond(thrown: unknown, request: IncomingMessage, response: ServerResponse): void {
    heedRejection(thrown);
    const exchange = exchangeOf(request) ?? this.#runtime.openExchange(this.#runtime.unmatched, request, response);
    const isUnmatched = exchange.bound === this.#runtime.unmatched || isNestsNotFound(thrown, request);
    const found = problemFor(thrown);
    const problem = isUnmatched && found.status === 404 ? this.#unmatched(request) : found;
    if (problem.status >= 500) exchange.error = thrown;
    try {
      writeProblem(exchange, problem);
    } catch (cause) {
      // A header or a member of the problem that cannot be written: it is a bug of the code that has thrown it.
      exchange.error = cause;
      writeProblem(exchange, internal);
    }
  }

  respondToUnmatched(request: IncomingMessage, response: ServerResponse): void {
    const exchange = exchangeOf(request) ?? this.#runtime.openExchange(this.#runtime.unmatched, request, response);
    writeProblem(exchange, this.#unmatched(request));
  }

  /** The router knows no handler: for the path, or only for the method (RFC 9110 section 15.5.6). */
  #unmatched(request: PathOnExpress): Problem {
    // Below a prefix, Express shortens `url`.
    const url = request.originalUrl ?? request.url ?? '/';
    const methods = this.#runtime.methodsOn(url.split('?', 1)[0] ?? url);
    // The message of Nest repeats text of the client.
    if (methods.length === 0) return problemOf('GW_ROUTE_NOT_FOUND');
    return problemOf('GW_METHOD_NOT_ALLOWED', { headers: { allow: methods.join(', ') } });
  }
}

/** Nest's router gives up on a route after it was matched: an empty parameter, another host or version. It says so in these words. */
function isNestsNotFound(thrown: unknown, request: PathOnExpress): boolean {
  if (!isInstance(thrown, NotFoundException)) return false;
  return thrown.message === `Cannot ${request.method} ${request.originalUrl ?? request.url}`;
}

/**
 * Other transports respond in their own way: messages and GraphQL do so if a filter returns nothing. A WebSocket gateway leaves it
 * to the filter, which sends what Nest's own would send; it is never more than that there was an error.
 */
function leaveToTransport(thrown: unknown, host: ArgumentsHost): void {
  heedRejection(thrown);
  if (host.getType() !== 'ws') return;
  const client = host.switchToWs().getClient<unknown>();
  if (typeof client !== 'object' || client === null || !('emit' in client) || typeof client.emit !== 'function') return;
  const detail = detailOf(thrown);
  client.emit('exception', { status: 'error', message: detail ?? 'Internal server error' });
}

/** The status says which code an exception of Nest or of the platform stands for. */
const codesByStatus: Readonly<Record<number, ErrorCode>> = table({
  400: 'GW_BAD_REQUEST',
  401: 'GW_UNAUTHENTICATED',
  403: 'GW_FORBIDDEN',
  404: 'GW_NOT_FOUND', // thrown by a handler: the route is there, what it was asked for is not
  405: 'GW_METHOD_NOT_ALLOWED',
  408: 'GW_REQUEST_TIMEOUT',
  413: 'GW_PAYLOAD_TOO_LARGE',
  415: 'GW_UNSUPPORTED_MEDIA_TYPE',
  429: 'GW_RATE_LIMITED',
  431: 'GW_HEADERS_TOO_LARGE',
  503: 'GW_OVERLOADED',
});

const internal = problemOf('GW_INTERNAL');

/** `instanceof` that is safe for every thrown value: a proxy may throw on it. */
function isInstance<T>(thrown: unknown, type: abstract new (...args: never[]) => T): thrown is T {
  try {
    return thrown instanceof type;
  } catch {
    return false;
  }
}

function problemFor(thrown: unknown): Problem {
  try {
    return toProblem(thrown);
  } catch {
    // A value whose members throw when they are read.
    return internal;
  }
}

function toProblem(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return problemOf(thrown.code, thrown.options);
  const status = statusOf(thrown);
  const code = codesByStatus[status] ?? (status < 500 ? 'GW_BAD_REQUEST' : 'GW_INTERNAL');
  const detail = status < 500 ? detailOf(thrown) : undefined;
  return {
    status: errorCodes[code].status === status ? status : keepClass(status, code),
    code,
    ...(detail !== undefined && { detail }),
  };
}

/**
 * A hand-written controller that throws `new NotFoundException('no such order')` means its client to read that; others' texts stay
 * inside.
 */
function detailOf(thrown: unknown): string | undefined {
  if (!isInstance(thrown, HttpException)) return undefined;
  const { message }: { readonly message: unknown } = thrown;
  return typeof message === 'string' && message !== '' ? message : undefined;
}

/** A status without a code of its own (402, 409, ...) is kept. */
function keepClass(status: number, code: ErrorCode): number {
  return status >= 400 && status < 500 ? status : errorCodes[code].status;
}

function statusOf(thrown: unknown): number {
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusCodeOf(thrown);
  return typeof status === 'number' && Number.isInteger(status) && status >= 300 && status < 600 ? status : 500;
}

/** Fastify's and body-parser's own errors carry the status they mean. */
function statusCodeOf(thrown: unknown): unknown {
  const status =
    typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown ? thrown.statusCode : undefined;
  return typeof status === 'number' && status >= 400 ? status : undefined;
}
