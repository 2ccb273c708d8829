import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { accessOf } from '@frontage/auth';
import { inRequestScope } from '@frontage/context';
import { exchangeOf, type BoundRoute, type Exchange } from '../exchange/exchange.js';
import type { ProblemFilter } from './problem.filter.js';
import { setCommonHeaders } from '../exchange/responder.js';
import { takeForms } from '../multipart/take-forms.js';
import { BootError } from '../routes/routes.js';
import type { GatewayRuntime } from '../runtime/runtime.js';
import { isParting } from '../exchange/parting.js';
import { loopTurn } from '../problems/loop-turn.js';
import { screenOf } from '../routes/screen-of.js';
import { markOf, type RouteMark } from '../routes/route-marks.js';
import { expectsContinue } from './server-events.js';

const instanceOf = (adapter: FastifyAdapter) => adapter.getInstance();

type Fastify = ReturnType<typeof instanceOf>;

/** The required members of a Fastify request. */
export interface EntryRequest {
  readonly raw: IncomingMessage;
  readonly is404: boolean;
  readonly routeOptions: { readonly config: object };
}

interface BodyRequest {
  readonly raw: IncomingMessage;
  readonly body: unknown;
}

/** The required members of a Fastify reply. */
export interface EntryReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

interface Inbound {
  readonly runtime: GatewayRuntime;
  readonly filter: ProblemFilter;
  /** Paths of routes that modules register on the adapter itself, named on purpose: see {@link GatewayOptions.outside}. */
  readonly outside: readonly string[];
}

const entryKey = Symbol('frontage.entry');

/** A route as Fastify has it, with what was decided for it at boot. */
class RouteEntry {
  readonly method: string;
  readonly path: string;
  readonly mark: RouteMark | undefined;
  bound: BoundRoute | undefined = undefined;

  constructor(method: string, path: string, mark: RouteMark | undefined) {
    this.method = method;
    this.path = path;
    this.mark = mark;
  }
}

/**
 * The pipeline on Fastify: a hook that runs when the router has matched a route and before anything of the body is read, for screens,
 * hand-written controllers, and every other route of the adapter. Requests without a route pass it too.
 */
export class FastifyEntry {
  static readonly #entries = new WeakMap<Fastify, FastifyEntry>();
  readonly #routes: RouteEntry[] = [];
  #inbound: Inbound | undefined;

  /** The one of an adapter; its hook comes before those that are added later. */
  static of(adapter: FastifyAdapter): FastifyEntry {
    const fastify = instanceOf(adapter);
    let entry = FastifyEntry.#entries.get(fastify);
    if (entry === undefined) FastifyEntry.#entries.set(fastify, (entry = new FastifyEntry(fastify)));
    return entry;
  }

  private constructor(fastify: Fastify) {
    fastify.addHook('onRoute', (route) => {
      const method = [route.method].flat().join(', ');
      const entry = new RouteEntry(method, route.url, markOf(route.config));
      this.#decide(entry);
      this.#routes.push(entry);
      route.config = Object.assign({}, route.config, { [entryKey]: entry });
      if (entry.mark === undefined) return;
      const before = [
        ...(hasBodyRule(entry.mark) ? [this.#checkBody] : []),
        ...(screenOf(entry.mark.handler) === undefined ? [noteHandler] : []),
      ];
      if (before.length > 0) route.preHandler = [route.preHandler ?? [], before].flat();
    });
    fastify.addHook('onRequest', (request, reply, next) => this.#enter(request, reply, next));
    fastify.addHook('preParsing', (request, reply, _payload, next) => {
      if (request.is404 && !reply.sent && this.#inbound !== undefined)
        this.#refuseUnmatched(request, reply, this.#inbound);
      else next();
    });
    takeForms(
      fastify,
      (request) => {
        const exchange = exchangeOf(request);
        return exchange === undefined ? undefined : this.#inbound?.runtime.readForm(exchange);
      },
      (config) => boundOf(config)?.route.bodyMedia,
    );
    fastify.addHook('onReady', (ready) => {
      const mistakes = this.#mistakes();
      ready(mistakes.length === 0 ? undefined : new BootError(mistakes));
    });
  }

  /** From here on the routes of the app are known. */
  open(inbound: Inbound): void {
    this.#inbound = inbound;
    for (const entry of this.#routes) this.#decide(entry);
  }

  /** For a request that the router could not read: it is counted like any other that is refused. */
  respondToUnreadable(request: EntryRequest, reply: EntryReply, problem: Error): void {
    this.#enter(request, reply, () => this.#fail(problem, request, reply));
  }

  #decide(entry: RouteEntry): void {
    if (this.#inbound === undefined || entry.bound !== undefined) return;
    const { runtime, outside } = this.#inbound;
    if (entry.mark !== undefined) entry.bound = runtime.boundRoute(entry.mark.controller, entry.mark.handler);
    else if (isOutside(entry, outside)) entry.bound = runtime.bindForeign(entry.method, entry.path);
  }

  #mistakes(): string[] {
    return this.#routes
      .filter(({ bound }) => bound === undefined)
      .map(
        ({ method, path }) =>
          `${method} ${path} is registered on the HTTP adapter itself, where no rule of access stands: serve it from a controller, or name it in outside: ['${path}'] of FrontageModule.forRoot(...) or createGateway(...) if everyone may call it`,
      );
  }

  #enter(request: EntryRequest, reply: EntryReply, next: () => void): void {
    const { raw } = request;
    const response = reply.raw;
    // The response before this one was the last of its connection: this request is not looked at (RFC 9112 section 9.6).
    if (isParting(raw.socket)) {
      reply.hijack();
      return;
    }
    const bound = request.is404 ? this.#inbound?.runtime.unmatched : boundOf(request.routeOptions.config);
    const runtime = this.#inbound?.runtime;
    // Fail closed: there is no rule of access that anything has checked.
    if (bound === undefined || runtime === undefined) {
      reply.hijack();
      response.writeHead(503, { connection: 'close' }).end();
      return;
    }
    const exchange = runtime.openExchange(bound, raw, response);
    if (exchange.ended) {
      reply.hijack();
      return;
    }
    // A screen writes its headers itself, all at once; responses through Nest get them here.
    if (bound.screen === undefined) setCommonHeaders(exchange);
    try {
      const pending = bound.admit(exchange);
      if (pending === undefined) this.#admitted(exchange, request, reply, next);
      else {
        pending.then(
          () => this.#admitted(exchange, request, reply, next),
          (thrown: unknown) => this.#fail(thrown, request, reply),
        );
      }
    } catch (thrown) {
      this.#fail(thrown, request, reply);
    }
  }

  #admitted(exchange: Exchange, request: EntryRequest, reply: EntryReply, next: () => void): void {
    const { headers, response, bound } = exchange;
    if (exchange.ended) {
      reply.hijack();
      return;
    }
    if (bound.screen === undefined) {
      for (let i = 0; i + 1 < headers.length; i += 2) response.appendHeader(headers[i] ?? '', headers[i + 1] ?? '');
    }
    if (request.is404 && this.#inbound?.runtime.respondToPreflight(exchange) === true) {
      reply.hijack();
      return;
    }
    if (!request.is404 && expectsContinue(request.raw)) response.writeContinue();
    // Fastify keeps it while a body arrives.
    if (this.#inbound?.runtime.telemetry.ownLog === undefined) next();
    else inRequestScope(exchange.context, next);
  }

  /** The body has been read, and nothing of it has been used. */
  readonly #checkBody = (request: BodyRequest, reply: EntryReply, next: () => void): void => {
    try {
      const exchange = exchangeOf(request.raw);
      exchange?.bound.checkBody?.(exchange.context.caller, request.body);
      next();
    } catch (thrown) {
      this.#fail(thrown, request, reply);
    }
  };

  #fail(thrown: unknown, request: Pick<EntryRequest, 'raw'>, reply: EntryReply): void {
    reply.hijack();
    this.#inbound?.filter.respond(thrown, request.raw, reply.raw);
  }

  #refuseUnmatched(request: EntryRequest, reply: EntryReply, { filter }: Inbound): void {
    reply.hijack();
    filter.respondToUnmatched(request.raw, reply.raw);
  }
}

function hasBodyRule({ controller, handler }: RouteMark): boolean {
  const rule = typeof handler === 'function' ? accessOf(controller, handler) : undefined;
  return rule !== undefined && rule !== 'public' && rule.owner !== undefined && 'body' in rule.owner;
}

/** The body has been read: the handler begins in this turn. */
function noteHandler(request: { readonly raw: IncomingMessage }, _reply: unknown, next: () => void): void {
  const exchange = exchangeOf(request.raw);
  if (exchange !== undefined) exchange.handlerTurn = loopTurn();
  next();
}

/** The route of a configuration, with what was decided for it at boot. */
export function boundOf(config: object): BoundRoute | undefined {
  const entry: unknown = Reflect.get(config, entryKey);
  return entry instanceof RouteEntry ? entry.bound : undefined;
}

/** `OPTIONS *` asks about the server and not about a route (RFC 9110 section 9.3.7); plugins for CORS register it. */
function isOutside({ method, path }: RouteEntry, outside: readonly string[]): boolean {
  if (method === 'OPTIONS' && (path === '*' || path === '/*')) return true;
  return outside.some((named) => (named.endsWith('*') ? path.startsWith(named.slice(0, -1)) : path === named));
}
