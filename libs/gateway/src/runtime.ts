import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceUnavailableException, type Type } from '@nestjs/common';
import type { TokenVerifier } from '@frontage/auth';
import type { OperationModule } from '@frontage/clients';
import type { BffConfig } from '@frontage/config';
import { attachRequestContext, RequestContext } from '@frontage/context';
import type { Clock } from '@frontage/core';
import { clientAddress, trustedProxies, type RateLimiter, type TrustedProxies } from '@frontage/throttling';
import type { Tracing } from '@frontage/tracing';
import { attachExchange, Exchange } from './exchange.js';
import { policyMistakes } from './policy-check.js';
import { compilePipeline, type InboundStep } from './pipeline.js';
import { publishEnd } from './responder.js';
import { Readiness } from './readiness/readiness.js';
import { Drain } from './shutdown/drain.js';
import { requestIdOf } from './request-id.js';
import type { Route, RouteTable } from './routes.js';
import { bindScreen, type BoundScreen } from './screen-runner.js';
import type { UpstreamRegistry } from './upstream-registry.js';

/** Injection token of the {@link GatewayRuntime}. */
export const RUNTIME = Symbol('frontage.runtime');

/** A route with everything that was decided for it at boot. */
export interface BoundRoute {
  readonly route: Route;
  readonly admit: InboundStep;
  readonly screen: BoundScreen | undefined;
}

export interface RuntimeParts {
  readonly config: BffConfig;
  readonly clock: Clock;
  readonly upstreams: UpstreamRegistry;
  readonly limiter: RateLimiter;
  readonly verifier: TokenVerifier | undefined;
  readonly telemetry: Tracing;
  /** Run one after the other when the app closes. */
  readonly closers: readonly (() => Promise<void> | void)[];
}

/** What all requests of one app share. */
export class GatewayRuntime {
  readonly config: BffConfig;
  readonly clock: Clock;
  readonly upstreams: UpstreamRegistry;
  readonly limiter: RateLimiter;
  readonly verifier: TokenVerifier | undefined;
  readonly telemetry: Tracing;
  /** Requests that have come in and are not answered yet. */
  inFlight = 0;
  readonly drain: Drain;
  readonly readiness: Readiness;
  readonly #bound = new Map<Route, BoundRoute>();
  readonly #trusted: TrustedProxies;
  readonly #closers: RuntimeParts['closers'];
  #table: RouteTable | undefined;
  #answered: (() => void) | undefined;

  constructor(parts: RuntimeParts) {
    this.config = parts.config;
    this.clock = parts.clock;
    this.upstreams = parts.upstreams;
    this.limiter = parts.limiter;
    this.verifier = parts.verifier;
    this.telemetry = parts.telemetry;
    this.drain = new Drain(parts.clock);
    this.readiness = new Readiness({
      ...parts,
      inFlight: () => this.inFlight,
      isDraining: () => this.drain.isDraining,
    });
    this.#trusted = trustedProxies(parts.config.listen.trustedProxies);
    this.#closers = parts.closers;
  }

  /** Resolves once no request is under way. */
  answered(): Promise<void> {
    if (this.inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#answered = resolve;
    });
  }

  async close(): Promise<void> {
    this.readiness.stop();
    for (const close of this.#closers) await close();
  }

  /** Compiles every route. @throws ConfigError where app and policy speak of different things */
  bind(table: RouteTable, clients: ReadonlySet<OperationModule>): void {
    const mistakes = policyMistakes(this.config, table.routes, clients);
    if (mistakes !== undefined) throw mistakes;
    this.#table = table;
    for (const route of table.routes) {
      const screen = route.screen === undefined ? undefined : bindScreen(route.screen, route, this);
      this.#bound.set(route, { route, admit: compilePipeline(route, this), screen });
    }
  }

  get routes(): readonly BoundRoute[] {
    return [...this.#bound.values()];
  }

  boundRoute(controller: Type, handler: object): BoundRoute {
    const route = this.#table?.find(controller, handler);
    const bound = route && this.#bound.get(route);
    // Fail closed: a handler that was not there at boot has no access rule that anybody checked.
    if (bound === undefined) throw new ServiceUnavailableException();
    return bound;
  }

  /** The methods that some route takes on this path. */
  methodsOn(path: string): readonly string[] {
    return this.#table?.methodsOn(path) ?? [];
  }

  openExchange(bound: BoundRoute, request: IncomingMessage, response: ServerResponse): Exchange {
    const context = new RequestContext(
      requestIdOf(request.headers['x-request-id'], this.#trusted(request.socket.remoteAddress ?? '', 0)),
      this.clock.now(),
      request.method ?? '',
      clientAddress(request.socket.remoteAddress, request.headers['x-forwarded-for'], this.#trusted),
      request.headers,
    );
    context.route = bound.route.path;
    const exchange = new Exchange(bound, request, response, context);
    attachExchange(request, exchange);
    attachRequestContext(request, context);
    this.inFlight += 1;
    // `close` comes once, after the last byte or when the client has gone: one listener serves both.
    response.once('close', () => {
      this.inFlight -= 1;
      if (this.inFlight === 0) this.#answered?.();
      const clientGone = !response.writableFinished;
      if (clientGone) context.cancellation.cancel('client_gone');
      publishEnd(exchange, this.clock.now(), clientGone);
    });
    return exchange;
  }
}

/** What stands in for a route where none was matched: a path nobody serves, a body that did not parse. */
export const unmatchedRoute: BoundRoute = {
  route: {
    method: '',
    path: '(unmatched)',
    controller: Object,
    handler: '',
    access: 'public',
    rateClass: undefined,
    screen: undefined,
    deadlineMs: undefined,
    successStatus: 200,
    kind: 'controller',
  },
  admit: () => undefined,
  screen: undefined,
};
