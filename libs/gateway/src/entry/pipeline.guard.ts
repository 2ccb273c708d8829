import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { noteRequestScope } from '@frontage/context';
import { ProblemError } from '@frontage/core';
import { notTaken } from '../body/body-parser.js';
import { exchangeOf, rawRequest, rawResponse, type Exchange } from '../exchange/exchange.js';
import { setCommonHeaders } from '../exchange/responder.js';
import { isForm } from '../multipart/take-forms.js';
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
    const platformRequest = http.getRequest<PlatformRequest>();
    const request = rawRequest(platformRequest);
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
      const go = (): boolean | Promise<boolean> => this.#admitted(exchange, platformRequest);
      return pending === undefined ? go() : pending.then(go).catch(refuse);
    } catch (thrown) {
      return refuse(thrown);
    }
  }

  /** A form with files is read here, unless a middleware of the team has read it: its values become the body. */
  #admitted(exchange: Exchange, request: PlatformRequest): boolean | Promise<boolean> {
    // Its route and its caller are known now.
    if (this.#runtime.telemetry.ownLog !== undefined) noteRequestScope(exchange.context);
    const { form: members, bodyMedia } = exchange.bound.route;
    if (members === undefined) return admitted(exchange, request);
    const { headers, readableEnded } = exchange.request;
    // Without a body, the screen says what is missing.
    if (headers['content-type'] !== undefined && !isForm(headers)) throw notTaken(bodyMedia);
    const form = readableEnded ? undefined : this.#runtime.readForm(exchange);
    if (form === undefined) return admitted(exchange, request);
    return form.then((values) => {
      Reflect.set(request, 'body', values);
      return admitted(exchange, request);
    }, refuse);
  }
}

function refuse(thrown: unknown): never {
  throw thrown instanceof ProblemError ? new PipelineRefusal(thrown) : thrown;
}

function admitted(exchange: Exchange, request: PlatformRequest): true {
  const { bound, headers, response, context } = exchange;
  try {
    bound.checkBody?.(context.caller, Reflect.get(request, 'body'));
  } catch (thrown) {
    return refuse(thrown);
  }
  if (bound.screen !== undefined) return true;
  exchange.handlerTurn = loopTurn();
  for (let i = 0; i + 1 < headers.length; i += 2) response.appendHeader(headers[i] ?? '', headers[i + 1] ?? '');
  return true;
}
