import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CheckBody } from '@frontage/auth';
import type { Refusal, RequestContext } from '@frontage/context';
import type { CompiledScreen } from '@frontage/aggregation';
import type { Mask } from '../access/masked-json.js';
import type { IncomingForm } from '../multipart/incoming-form.js';
import type { Route } from '../routes/routes.js';

/** The work of a stage for one request; it throws a `ProblemError` to end it. It returns a promise only if it must wait. */
export type InboundStep = (exchange: Exchange) => void | Promise<void>;

export type ScreenInput = Readonly<Record<string, unknown>>;

/** A screen bound to its route: validates the input, runs plan and view, writes the response. */
export interface BoundScreen {
  readonly compiled: CompiledScreen;
  /**
   * Compiles a list of members that are taken out of its responses.
   * @returns a text that says why one cannot be
   */
  maskOf(paths: readonly string[]): Mask | string;
  respond(exchange: Exchange, input: ScreenInput): Promise<void>;
}

/** A route with everything that was decided for it at boot. */
export interface BoundRoute {
  readonly route: Route;
  /** All of the pipeline. */
  readonly admit: InboundStep;
  /** The stages that are left if the early stages ran before the route was known. */
  readonly admitMatched: InboundStep;
  readonly screen: BoundScreen | undefined;
  /** The condition of its access rule for the body; undefined where it has none. */
  readonly checkBody: CheckBody | undefined;
  /** Header fields of every response of the app, flat: name, value, name, value. */
  readonly commonHeaders: readonly string[];
}

/** One inbound request and its response, the same on every HTTP platform of Nest. */
export class Exchange {
  /** The route that was matched; on Express a route that stands for none until the guard knows it. */
  bound: BoundRoute;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly context: RequestContext;
  /** Headers that stages add to the response, flat: name, value, name, value. */
  readonly headers: string[] = [];
  /** The form with files that this request brings; it may still be arriving. */
  form: IncomingForm | undefined = undefined;
  /** The members that are taken out of the response, as an external policy obliges. */
  mask: Mask | undefined = undefined;
  /** Bytes of the body of the response, where the gateway has written it. */
  sentBytes: number | undefined = undefined;
  /** Code of the problem that ended this exchange; for the log. */
  problemCode: string | undefined = undefined;
  /** The internal error; for the log, never for the client. */
  error: unknown = undefined;
  /** Facts about a request that was refused; for the log of security decisions. */
  refusal: Refusal | undefined = undefined;
  /** The turn of the event loop in which a hand-written handler began. */
  handlerTurn: number | undefined = undefined;
  /** The response is written or the client has gone: nothing more is done for this request. */
  ended = false;
  /** It was let in: admission is told of its end. */
  isAdmitted = false;
  /** Its end is told to the signals of policy. */
  isObserved = false;
  /** The place of its caller among the requests under way, where that is bounded. */
  callerPlace: string | undefined = undefined;
  /** Its place among the requests whose deadline is watched; the watch alone writes it. */
  isWatched = false;
  watchedBefore: Exchange | undefined = undefined;
  watchedAfter: Exchange | undefined = undefined;

  constructor(bound: BoundRoute, request: IncomingMessage, response: ServerResponse, context: RequestContext) {
    this.bound = bound;
    this.request = request;
    this.response = response;
    this.context = context;
  }
}

const exchangeKey = Symbol('frontage.exchange');

interface Carrier {
  [exchangeKey]?: Exchange;
}

/** Ties the exchange to the raw request, where the screen and the exception filter find it again. */
export function attachExchange(raw: IncomingMessage & Carrier, exchange: Exchange): void {
  raw[exchangeKey] = exchange;
}

export function exchangeOf(raw: IncomingMessage & Carrier): Exchange | undefined {
  return raw[exchangeKey];
}

/** Fastify wraps Node's request and response, Express extends them: this is Node's own. */
export function rawRequest(request: IncomingMessage | { readonly raw: IncomingMessage }): IncomingMessage {
  return 'raw' in request ? request.raw : request;
}

export function rawResponse(response: ServerResponse | { readonly raw: ServerResponse }): ServerResponse {
  return 'raw' in response ? response.raw : response;
}
