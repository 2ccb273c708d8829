import type { RequestContext } from './request-context.js';

const attached: unique symbol = Symbol('frontage.request.context');

interface Carrier {
  [attached]?: RequestContext;
  /** A request of Fastify has Node's request here; Nest gives the latter to middleware. */
  readonly raw?: unknown;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Attaches the context to its request: a Fastify request (and the raw one below it), an Express request, or a Node request. */
export function attachRequestContext(request: object, context: RequestContext): void {
  const carrier: Carrier = request;
  carrier[attached] = context;
  if (isObject(carrier.raw)) {
    const raw: Carrier = carrier.raw;
    raw[attached] = context;
  }
}

/** The context of a request of Fastify, Express or Node; `undefined` before the pipeline has begun. */
export function requestContextOf(request: object): RequestContext | undefined {
  const carrier: Carrier = request;
  const own = carrier[attached];
  if (own !== undefined || !isObject(carrier.raw)) return own;
  const raw: Carrier = carrier.raw;
  return raw[attached];
}
