import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceUnavailableException, type Type } from '@nestjs/common';
import type { LastGoodStore } from '@frontage/aggregation';
import { compileBodyCondition, type PolicyEngine, type Revocations, type TokenVerifier } from '@frontage/auth';
import type { Admission } from '@frontage/breaker';
import type { OperationModule } from '@frontage/clients';
import type { BffConfig } from '@frontage/config';
import { attachRequestContext, RequestContext } from '@frontage/context';
import type { Clock } from '@frontage/core';
import type { Sessions } from '@frontage/sessions';
import {
  clientAddress,
  type AddressLists,
  InFlightLimit,
  trustedProxies,
  type RateLimiter,
  type Signals,
  type TrustedProxies,
} from '@frontage/throttling';
import type { Tracing } from '@frontage/tracing';
import type { CdnDoor } from '../door/cdn.js';
import { Cors } from '../door/cors.js';
import { securityHeaders } from '../door/security-headers.js';
import { attachExchange, Exchange, type BoundRoute, type InboundStep } from '../exchange/exchange.js';
import type { FormValues } from '../multipart/incoming-form.js';
import { isForm, openForm } from '../multipart/take-forms.js';
import { closeWithConnection } from '../exchange/waiting-responses.js';
import { markEnd } from '../exchange/body-bounds.js';
import { respondToPreflight } from '../exchange/preflight.js';
import { ExchangeDeadlines } from '../exchange/exchange-deadlines.js';
import { unmatchedRoute } from '../routes/unmatched-route.js';
import { policyMistakes } from '../routes/policy/policy-check.js';
import type { Incidents } from '../incidents/incidents.js';
import { admissionOf } from '../inbound/load-meter.js';
import { admittance, arrival, compilePipeline } from '../inbound/pipeline.js';
import { publishEnd } from '../exchange/responder.js';
import { Readiness } from '../readiness/readiness.js';
import { Drain } from '../shutdown/drain.js';
import { requestIdOf } from '../exchange/request-id.js';
import { withAcceptQuery } from '../routes/accept-query.js';
import type { Route, RouteTable } from '../routes/routes.js';
import type { RuntimeParts } from './runtime-parts.js';
import { bindScreen } from '../screens/screen-runner.js';
import type { ScreenStores } from '../validators/screen-stores.js';
import type { UpstreamRegistry } from '../outbound/upstream-registry.js';

/** Injection token of the {@link GatewayRuntime}. */
export const RUNTIME = Symbol('frontage.runtime');

/** The state that all requests of one app share. */
export class GatewayRuntime {
  readonly config: BffConfig;
  readonly clock: Clock;
  readonly upstreams: UpstreamRegistry;
  readonly limiter: RateLimiter;
  readonly verifier: TokenVerifier | undefined;
  readonly telemetry: Tracing;
  readonly addressLists: AddressLists | undefined;
  readonly signals: Signals | undefined;
  readonly sessions: Sessions | undefined;
  readonly revocations: Revocations | undefined;
  readonly lastGood: LastGoodStore | undefined;
  readonly hasScenarios: boolean;
  readonly incidents: Incidents | undefined;
  readonly decisions: PolicyEngine | undefined;
  readonly userContextKeys: RuntimeParts['userContextKeys'];
  readonly cdn: CdnDoor | undefined;
  readonly cors: Cors | undefined;
  /** Called for each request when it arrives; absent but in development. */
  onExchange: ((exchange: Exchange) => void) | undefined = undefined;
  /** Requests without a complete response. */
  inFlight = 0;
  readonly callerPlaces: InFlightLimit | undefined;
  readonly admission: Admission | undefined;
  readonly drain: Drain;
  readonly readiness: Readiness;
  readonly screens: ScreenStores;
  readonly #bound = new Map<Route, BoundRoute>();
  readonly #trusted: TrustedProxies;
  readonly #commonHeaders: readonly string[];
  readonly #closers: RuntimeParts['closers'];
  readonly #deadlines: ExchangeDeadlines;
  #table: RouteTable | undefined;
  #unmatched: BoundRoute | undefined;
  #onDrained: (() => void) | undefined;

  constructor(parts: RuntimeParts) {
    this.config = parts.config;
    this.clock = parts.clock;
    this.upstreams = parts.upstreams;
    this.limiter = parts.limiter;
    this.verifier = parts.verifier;
    this.telemetry = parts.telemetry;
    this.addressLists = parts.addressLists;
    this.signals = parts.signals;
    this.sessions = parts.sessions;
    this.revocations = parts.revocations;
    const { maxInFlightPerCaller: places } = parts.config.limits;
    this.callerPlaces = places === undefined ? undefined : new InFlightLimit(places, parts.limiter.addressKey);
    const inFlight = (): number => this.inFlight;
    const made = admissionOf(parts.config, inFlight);
    this.admission = made?.admission;
    this.lastGood = parts.lastGood;
    this.hasScenarios = parts.hasScenarios === true;
    this.incidents = parts.incidents;
    this.decisions = parts.decisions;
    this.userContextKeys = parts.userContextKeys;
    this.cdn = parts.cdn;
    this.cors = parts.config.cors && new Cors(parts.config.cors);
    this.#commonHeaders = securityHeaders(parts.config.securityHeaders);
    this.screens = parts.screens;
    this.drain = new Drain(parts.clock);
    this.readiness = new Readiness({ ...parts, inFlight, isDraining: () => this.drain.isDraining });
    this.#trusted = trustedProxies(parts.config.listen.trustedProxies);
    this.#closers = made === undefined ? parts.closers : [made.stop, ...parts.closers];
    this.#deadlines = new ExchangeDeadlines(parts.clock, parts.config.deadlineMs);
  }

  /** Requests whose deadline is watched: those that are under way. */
  get watched(): number {
    return this.#deadlines.size;
  }

  /** Resolves once no request is under way. */
  drained(): Promise<void> {
    if (this.inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => void (this.#onDrained = resolve));
  }

  async close(): Promise<void> {
    this.readiness.stop();
    this.#deadlines.stop();
    for (const close of this.#closers) await close();
  }

  /** Compiles every route. @throws ConfigError where app and policy speak of different things */
  bind(table: RouteTable, clients: ReadonlySet<OperationModule>): void {
    const mistakes = policyMistakes(this.config, table.routes, clients);
    if (mistakes !== undefined) throw mistakes;
    this.#table = table;
    for (const route of table.routes) this.#bound.set(route, this.#boundTo(route));
    this.telemetry.expectEvents(table.routes.flatMap(({ screen }) => screen?.count ?? []));
  }

  /** A route that is none of a controller's: a module has registered it on the adapter itself. */
  bindForeign(method: string, path: string): BoundRoute {
    return this.#boundTo({ ...unmatchedRoute, method, path });
  }

  #boundTo(route: Route): BoundRoute {
    return {
      route,
      admit: compilePipeline(route, this),
      admitMatched: compilePipeline(route, this, admittance),
      checkBody: route.access === 'public' ? undefined : compileBodyCondition(route.access, route),
      screen: route.screen === undefined ? undefined : bindScreen(route.screen, route, this),
      commonHeaders: withAcceptQuery(this.#commonHeaders, route, this.#table),
    };
  }

  /** Stands for a route where none was matched. */
  get unmatched(): BoundRoute {
    return (this.#unmatched ??= this.#boundTo(unmatchedRoute));
  }

  get takesForms(): boolean {
    return this.#table?.routes.some(({ form }) => form !== undefined) === true;
  }

  /** Begins to read the form of a request whose route takes one; undefined for every other request. */
  readForm(exchange: Exchange): Promise<FormValues> | undefined {
    const { form } = exchange.bound.route;
    return form === undefined || !isForm(exchange.request.headers)
      ? undefined
      : openForm(exchange, form, this.config.limits.multipart);
  }

  get routes(): readonly BoundRoute[] {
    return [...this.#bound.values()];
  }

  boundRoute(controller: Type, handler: object): BoundRoute {
    const route = this.#table?.find(controller, handler);
    const bound = route && this.#bound.get(route);
    // Fail closed: a handler that did not exist at boot has no checked access rule.
    if (bound === undefined) throw new ServiceUnavailableException();
    return bound;
  }

  /** The methods that some route takes on this path. */
  methodsOn(path: string): readonly string[] {
    return this.#table?.methodsOn(path) ?? [];
  }

  respondToPreflight(exchange: Exchange): boolean {
    return respondToPreflight(exchange, this.cors, (path) => this.methodsOn(path));
  }

  /** The early stages, which run before the route is known. */
  arrivalStep(): InboundStep {
    return compilePipeline(unmatchedRoute, this, arrival);
  }

  openExchange(bound: BoundRoute, request: IncomingMessage, response: ServerResponse): Exchange {
    const { remoteAddress } = request.socket;
    const inboundId = request.headers['x-request-id'];
    const context = new RequestContext(
      requestIdOf(inboundId, inboundId !== undefined && this.#trusted(remoteAddress ?? '', 0)),
      this.clock.now(),
      request.method ?? '',
      this.cdn?.addressOf(request) ?? clientAddress(remoteAddress, request.headers['x-forwarded-for'], this.#trusted),
      request.headers,
    );
    context.route = bound.route.path;
    const exchange = new Exchange(bound, request, response, context);
    this.onExchange?.(exchange);
    attachExchange(request, exchange);
    attachRequestContext(request, context);
    this.inFlight += 1;
    this.#deadlines.add(exchange);
    // A client that left before this: no event comes any more (RELIABILITY F34).
    if (response.closed) this.#end(exchange);
    // `close` comes once, after the last byte or when the client has gone: one listener serves both.
    else {
      response.on('close', () => this.#end(exchange));
      if (response.socket === null) closeWithConnection(response, request.socket);
    }
    return exchange;
  }

  #end(exchange: Exchange): void {
    const { request, response, context } = exchange;
    exchange.ended = true;
    markEnd(request);
    this.#deadlines.remove(exchange);
    this.inFlight -= 1;
    if (exchange.callerPlace !== undefined) this.callerPlaces?.leave(exchange.callerPlace);
    if (exchange.isAdmitted) this.admission?.ended();
    if (this.inFlight === 0) this.#onDrained?.();
    const clientGone = !response.writableFinished;
    if (clientGone) context.cancellation.cancel('client_gone');
    if (exchange.isObserved) {
      const { method, path } = exchange.bound.route;
      const status = response.headersSent ? response.statusCode : 0;
      this.signals?.observe({ context, route: `${method} ${path}`, status });
    }
    publishEnd(exchange, this.clock.now(), clientGone);
  }
}
