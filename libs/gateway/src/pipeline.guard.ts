import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { rawRequest, rawResponse, type Exchange } from './exchange.js';
import { securityHeaders } from './responder.js';
import { RUNTIME, type GatewayRuntime } from './runtime.js';

type PlatformRequest = IncomingMessage | { readonly raw: IncomingMessage };
type PlatformResponse = ServerResponse | { readonly raw: ServerResponse };

/** Runs the inbound pipeline of the matched route. It is global: no controller of the app is reached without it. */
@Injectable()
export class PipelineGuard implements CanActivate {
  readonly #runtime: GatewayRuntime;

  constructor(@Inject(RUNTIME) runtime: GatewayRuntime) {
    this.#runtime = runtime;
  }

  canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    const http = execution.switchToHttp();
    const bound = this.#runtime.boundRoute(execution.getClass(), execution.getHandler());
    const request = rawRequest(http.getRequest<PlatformRequest>());
    const response = rawResponse(http.getResponse<PlatformResponse>());
    const exchange = this.#runtime.openExchange(bound, request, response);
    // A screen writes its headers itself, all at once; what answers through Nest gets them here.
    if (bound.screen === undefined) {
      response.setHeader('x-request-id', exchange.context.requestId);
      for (const [name, value] of securityHeaders) response.setHeader(name, value);
    }
    const pending = bound.admit(exchange);
    if (pending === undefined) return admitted(exchange);
    return pending.then(() => admitted(exchange));
  }
}

function admitted({ bound, headers, response }: Exchange): true {
  if (bound.screen !== undefined) return true;
  for (let i = 0; i + 1 < headers.length; i += 2) response.appendHeader(headers[i] ?? '', headers[i + 1] ?? '');
  return true;
}
