import { AsyncLocalStorage } from 'node:async_hooks';
import type { Caller } from './caller.js';
import type { RequestContext } from './request-context.js';

/**
 * The facts about a request that a line of the log has which is written in it. Sockets and timers that a request opens keep it for as long as they
 * live, so it holds nothing else of the request.
 */
export class RequestScope {
  readonly requestId: string;
  readonly traceId: string;
  readonly method: string;
  route: string;
  caller: Caller | undefined;

  constructor({ requestId, traceId, method, route, caller }: RequestContext) {
    this.requestId = requestId;
    this.traceId = traceId;
    this.method = method;
    this.route = route;
    this.caller = caller;
  }
}

const scopes = new AsyncLocalStorage<RequestScope>();

/** The request that the running code belongs to, whatever it has awaited; `undefined` outside of one, and where no log asks for it. */
export const requestScope = (): RequestScope | undefined => scopes.getStore();

/** Runs `work`, and all that comes of it, in the scope of a request. */
export function inRequestScope(context: RequestContext, work: () => void): void {
  scopes.run(new RequestScope(context), work);
}

/** For code that is called within a chain of others, such as a guard: the rest of the chain runs in the scope, with what is known by now. */
export function noteRequestScope(context: RequestContext): void {
  const scope = scopes.getStore();
  if (scope?.requestId !== context.requestId) return scopes.enterWith(new RequestScope(context));
  scope.route = context.route;
  scope.caller = context.caller;
}
