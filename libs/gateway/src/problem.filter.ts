import type { IncomingMessage, ServerResponse } from 'node:http';
import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { errorCodes, ProblemError, type ErrorCode } from '@frontage/core';
import { exchangeOf, rawRequest, rawResponse } from './exchange.js';
import { writeProblem, type Problem } from './responder.js';
import { RUNTIME, unmatchedRoute, type GatewayRuntime } from './runtime.js';

type PlatformResponse = ServerResponse | { readonly raw: ServerResponse; hijack(): unknown };

/** Turns whatever was thrown on the way into a problem answer. What is not meant for the client is logged and answered as GW_INTERNAL. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #runtime: GatewayRuntime;

  constructor(@Inject(RUNTIME) runtime: GatewayRuntime) {
    this.#runtime = runtime;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = rawRequest(http.getRequest<IncomingMessage | { readonly raw: IncomingMessage }>());
    const response = http.getResponse<PlatformResponse>();
    if ('hijack' in response) response.hijack();
    this.answer(thrown, request, rawResponse(response));
  }

  answer(thrown: unknown, request: IncomingMessage, response: ServerResponse): void {
    // What fails before a route is matched (no such path, a body that does not parse) has no exchange yet.
    const matched = exchangeOf(request);
    const exchange = matched ?? this.#runtime.openExchange(unmatchedRoute, request, response);
    const found = toProblem(thrown);
    const problem = matched === undefined && found.status === 404 ? this.#unmatched(request) : found;
    if (problem.status >= 500) exchange.error = thrown;
    writeProblem(exchange, problem);
  }

  /** The router knows no handler: for the path, or only for the method (RFC 9110 section 15.5.6). */
  #unmatched({ url = '/' }: IncomingMessage): Problem {
    const methods = this.#runtime.methodsOn(url.split('?', 1)[0] ?? url);
    // What Nest says of it repeats what the client sent.
    if (methods.length === 0) return { status: 404, code: 'GW_ROUTE_NOT_FOUND' };
    return { status: 405, code: 'GW_METHOD_NOT_ALLOWED', headers: { allow: methods.join(', ') } };
  }
}

/** The status says which code an exception of Nest or of the platform stands for. */
const codesByStatus: Readonly<Record<number, ErrorCode>> = {
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
};

function toProblem(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return { status: thrown.status, code: thrown.code, ...thrown.options };
  const status = statusOf(thrown);
  const code = codesByStatus[status] ?? (status < 500 ? 'GW_BAD_REQUEST' : 'GW_INTERNAL');
  // A hand-written controller that throws `new NotFoundException('no such order')` means its client to read that; others' texts stay inside.
  const detail =
    thrown instanceof HttpException && status < 500 && thrown.message !== '' ? { detail: thrown.message } : {};
  return { status: errorCodes[code].status === status ? status : keepClass(status, code), code, ...detail };
}

/** A status without a code of its own (402, 409, ...) is answered as it is. */
function keepClass(status: number, code: ErrorCode): number {
  return status >= 400 && status < 500 ? status : errorCodes[code].status;
}

function statusOf(thrown: unknown): number {
  if (thrown instanceof HttpException) return thrown.getStatus();
  // Fastify's and body-parser's own errors carry the status they mean.
  const status =
    typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown ? thrown.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
