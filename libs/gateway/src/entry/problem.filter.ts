import type { IncomingMessage, ServerResponse } from 'node:http';
import { Catch, HttpException, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { heedRejection, ProblemError, problemOf, type Problem } from '@frontage/core';
import { ThrottlerRefusal } from '@frontage/throttling';
import { exchangeOf, rawRequest, rawResponse } from '../exchange/exchange.js';
import { writeProblem } from '../exchange/responder.js';
import { fieldsOfRequest, type RequestGroups } from '../problems/blame.js';
import { codeOfStatus, exceptionProblem } from '../problems/exception-problem.js';
import { issuesOf } from '../problems/field-errors.js';
import { loopTurn } from '../problems/loop-turn.js';
import { PipelineRefusal, refusalOf } from '../problems/pipeline-refusal.js';
import type { GatewayRuntime } from '../runtime/runtime.js';

type PlatformRequest = (IncomingMessage | { readonly raw: IncomingMessage }) & ParsedRequest;
type PathOnExpress = IncomingMessage & { readonly originalUrl?: string };
type PlatformResponse = ServerResponse | { readonly raw: ServerResponse; hijack(): unknown };

/** The request of a handler that has thrown. */
interface Handled {
  /** Nothing can have arrived since the handler began: see {@link loopTurn}. */
  readonly isEarly: boolean;
  readonly values: () => RequestGroups;
}

/** The values as the platform has parsed them. */
function valuesOf(request: PlatformRequest): RequestGroups {
  const { body, query, params, headers }: ParsedRequest = request;
  return { body, query, path: params, header: headers };
}

interface ParsedRequest {
  readonly body?: unknown;
  readonly query?: unknown;
  readonly params?: unknown;
  readonly headers?: unknown;
}

/** Turns every thrown value into a problem response. An error that is not meant for the client is logged, and the response is GW_INTERNAL. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #runtime: GatewayRuntime;

  constructor(runtime: GatewayRuntime) {
    this.#runtime = runtime;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') return leaveToTransport(thrown, host);
    const http = host.switchToHttp();
    const request = http.getRequest<PlatformRequest>();
    const response = http.getResponse<PlatformResponse>();
    if ('hijack' in response) response.hijack();
    const raw = rawRequest(request);
    const startedIn = exchangeOf(raw)?.handlerTurn;
    const handled = { isEarly: startedIn === loopTurn(), values: () => valuesOf(request) };
    this.respond(thrown, raw, rawResponse(response), handled);
  }

  /** @param handled where a handler has thrown it */
  respond(thrown: unknown, request: IncomingMessage, response: ServerResponse, handled?: Handled): void {
    heedRejection(thrown);
    const exchange = exchangeOf(request) ?? this.#runtime.openExchange(this.#runtime.unmatched, request, response);
    const isUnmatched = exchange.bound === this.#runtime.unmatched || isNestsNotFound(thrown, request);
    const found = problemFor(thrown, handled);
    const problem = isUnmatched && found.status === 404 ? this.#unmatched(request) : found;
    if (problem.status >= 500) exchange.error = thrown;
    else if (problem.status === 401 || problem.status === 403) exchange.refusal = refusalOf(thrown);
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

const internal = problemOf('GW_INTERNAL');

/** `instanceof` that is safe for every thrown value: a proxy may throw on it. */
function isInstance<T>(thrown: unknown, type: abstract new (...args: never[]) => T): thrown is T {
  try {
    return thrown instanceof type;
  } catch {
    return false;
  }
}

function problemFor(thrown: unknown, handled: Handled | undefined): Problem {
  try {
    return toProblem(thrown, handled);
  } catch {
    // A value whose members throw when they are read.
    return internal;
  }
}

function toProblem(thrown: unknown, handled: Handled | undefined): Problem {
  if (thrown instanceof ProblemError) return problemOf(thrown.code, thrown.options);
  if (thrown instanceof PipelineRefusal || thrown instanceof ThrottlerRefusal)
    return toProblem(thrown.problem, undefined);
  if (thrown instanceof HttpException) {
    const status: unknown = thrown.getStatus();
    // Without a status it is a bug like any other.
    return isStatus(status, 300) ? exceptionProblem(thrown, status) : internal;
  }
  const issues = handled && issuesOf(thrown);
  const errors = issues && fieldsOfRequest(issues, handled.values(), handled.isEarly);
  if (errors !== undefined) return problemOf('GW_INVALID_INPUT', { errors });
  // Fastify's and body-parser's own errors carry the status they mean; their texts repeat what the client sent.
  const status = statusCodeOf(thrown);
  if (!isStatus(status, 400)) return internal;
  return status === 503 ? problemOf('GW_OVERLOADED') : { status, code: codeOfStatus(status) };
}

const isStatus = (status: unknown, least: number): status is number =>
  typeof status === 'number' && Number.isInteger(status) && status >= least && status < 600;

const statusCodeOf = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown ? thrown.statusCode : undefined;

/** The text of an exception of Nest; the texts of all other errors stay inside. */
function detailOf(thrown: unknown): string | undefined {
  if (!isInstance(thrown, HttpException)) return undefined;
  const { message }: { readonly message: unknown } = thrown;
  return typeof message === 'string' && message !== '' ? message : undefined;
}
