import type { IncomingMessage, ServerResponse } from 'node:http';
import { inRequestScope } from '@frontage/context';
import type { ProblemFilter } from './problem.filter.js';
import type { BoundRoute, InboundStep } from '../exchange/exchange.js';
import type { GatewayRuntime } from '../runtime/runtime.js';
import { isParting } from '../exchange/parting.js';
import { expectsContinue } from './server-events.js';

interface Inbound {
  readonly runtime: GatewayRuntime;
  readonly filter: ProblemFilter;
}

/**
 * The pipeline on Express, first half: a middleware before every other one, body parsers too. Express matches routes while it runs them,
 * so here only the head of a request is looked at; the guard does the rest when the route is known.
 */
export class ExpressEntry {
  #inbound: (Inbound & { readonly arrive: InboundStep; readonly health: ReadonlyMap<string, BoundRoute> }) | undefined;

  open(inbound: Inbound): void {
    const { runtime } = inbound;
    this.#inbound = {
      ...inbound,
      arrive: runtime.arrivalStep(),
      health: new Map(
        runtime.routes.filter(({ route }) => route.kind === 'health').map((bound) => [bound.route.path, bound]),
      ),
    };
  }

  readonly middleware = (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    // The response before this one was the last of its connection: this request is not looked at (RFC 9112 section 9.6).
    if (isParting(request.socket)) return;
    const inbound = this.#inbound;
    if (inbound === undefined) {
      response.writeHead(503, { connection: 'close' }).end();
      return;
    }
    const { runtime, filter } = inbound;
    const [path = ''] = (request.url ?? '').split('?', 1);
    const health = inbound.health.get(path);
    const exchange = runtime.openExchange(health ?? runtime.unmatched, request, response);
    if (exchange.ended) return;
    const go = (): void => {
      if (exchange.ended || runtime.respondToPreflight(exchange)) return;
      if (expectsContinue(request)) response.writeContinue();
      if (runtime.telemetry.ownLog === undefined) next();
      else inRequestScope(exchange.context, next);
    };
    try {
      const pending = (health?.admit ?? inbound.arrive)(exchange);
      if (pending === undefined) go();
      else pending.then(go, (thrown: unknown) => filter.respond(thrown, request, response));
    } catch (thrown) {
      filter.respond(thrown, request, response);
    }
  };
}
