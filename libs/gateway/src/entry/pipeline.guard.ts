import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ProblemError } from '@frontage/core';
import { exchangeOf, rawRequest, rawResponse, type Exchange } from '../exchange/exchange.js';
import { setCommonHeaders } from '../exchange/responder.js';
import { PipelineRefusal } from '../problems/pipeline-refusal.js';
import { loopTurn } from '../problems/loop-turn.js';
import { RUNTIME, type GatewayRuntime } from '../runtime/runtime.js';

type PlatformRequest = IncomingMessage | { readonly raw: IncomingMessage };
type PlatformResponse = ServerResponse | { readonly raw: ServerResponse };

/**
 * The pipeline on Express, and nothing on Fastify, where a hook runs it. An {@link ExpressEntry} has looked at the request when it
 * arrived; here its route is known, and the rest of the stages run.
 */
@Injectable()
export class PipelineGuard implements CanActivate {
  readonly #runtime: GatewayRuntime;

  constructor(@Inject(RUNTIME) runtime: GatewayRuntime) {
    this.#runtime = runtime;
  }

  canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    // Other transports have rules of their own; an application that has some says so, or does not start.
    if (execution.getType() !== 'http') return true;
    const http = execution.switchToHttp();
    const bound = this.#runtime.boundRoute(execution.getClass(), execution.getHandler());
    const request = rawRequest(http.getRequest<PlatformRequest>());
    const response = rawResponse(http.getResponse<PlatformResponse>());
    const arrived = exchangeOf(request);
    const exchange = arrived ?? this.#runtime.openExchange(bound, request, response);
    // Only what stands for a health route by its path has skipped the limits.
    const looked = arrived !== undefined && (arrived.bound.route.kind !== 'health' || bound.route.kind === 'health');
    exchange.bound = bound;
    exchange.context.route = bound.route.path;
    // A screen writes its headers itself, all at once; responses through Nest get them here.
    if (bound.screen === undefined) setCommonHeaders(exchange);
    try {
      const pending = (looked ? bound.admitMatched : bound.admit)(exchange);
      return pending === undefined ? admitted(exchange) : pending.then(() => admitted(exchange), refuse);
    } catch (thrown) {
      return refuse(thrown);
    }
  }
}

function refuse(thrown: unknown): never {
  throw thrown instanceof ProblemError ? new PipelineRefusal(thrown) : thrown;
}

function admitted(exchange: Exchange): true {
  const { bound, headers, response } = exchange;
  if (bound.screen !== undefined) return true;
  exchange.handlerTurn = loopTurn();
  for (let i = 0; i + 1 < headers.length; i += 2) response.appendHeader(headers[i] ?? '', headers[i + 1] ?? '');
  return true;
}
