import { newSpanId, newTraceId, noteFailure, noteViolation, RequestContext, type CallScope } from '@frontage/context';
import {
  Cancellation,
  type CallArgs,
  type Clock,
  type DeepReadonly,
  type Operation,
  type OperationInfo,
  type Outcome,
  type ResponseFields,
} from '@frontage/core';
import { Download } from './request/download.js';
import { ClientWrites } from './client-writes.js';
import { inexactPayload } from './failures/failures.js';
import { guardNumbers } from './decode/guarded-numbers.js';
import { linesOf } from './request/lines.js';
import { UpstreamError } from './failures/upstream.errors.js';
import type { BoundOperation, CallLimits } from './bound-operation.js';
import type { Upstream } from './upstream-api.js';

/** Options of a call beside its arguments. */
export interface CallOptions extends CallLimits {
  /**
   * The request that this call is made for: its deadline, its cancellation, its trace and its caller hold for the call.
   * @default the one the client was bound to with {@link Client.for}, or a new one of no request
   */
  readonly context?: RequestContext;
  /** Stops the call, in addition to the end of the request. */
  readonly signal?: AbortSignal;
}

/** Arguments may be left out where the operation requires none. */
type CallParameters<In, Options> =
  Record<never, never> extends In ? [args?: In, options?: Options] : [args: In, options?: Options];

/** One operation as a function. Its result is read-only, because other requests may share it. */
export interface ClientCall<In, Out, Headers = unknown> {
  /** @throws UpstreamError */
  (...parameters: CallParameters<In, CallOptions>): Promise<DeepReadonly<Out>>;
  /**
   * The value together with the headers that the contract declares: `const { value, headers } = await client.listOrders.response(...)`.
   * @throws UpstreamError
   */
  readonly response: (
    ...parameters: CallParameters<In, CallOptions>
  ) => Promise<{ readonly value: DeepReadonly<Out>; readonly headers: DeepReadonly<Partial<Headers>> }>;
  /**
   * Settles with the headers of a success: its body is handed on as it arrives, and nothing is buffered.
   * @throws UpstreamError
   */
  readonly download: (...parameters: CallParameters<In, CallOptions>) => Promise<Download>;
  /**
   * Values of a body of one JSON text per line, one by one as they arrive. A line may be as long as `maxBody` of the upstream.
   * @throws UpstreamError here, or while it is iterated
   */
  readonly values: (...parameters: CallParameters<In, CallOptions>) => Promise<AsyncIterable<ItemOf<Out>>>;
}

type ItemOf<Out> = Out extends readonly (infer Item)[] ? Item : Out;

type CallOf<Export> =
  Export extends Operation<infer In, infer Out, infer _Errors, infer _Method, infer _Safe, infer Headers>
    ? ClientCall<In, Out, Headers>
    : never;

type Calls<Namespace> = {
  readonly [Name in keyof Namespace as Namespace[Name] extends OperationInfo ? Name : never]: CallOf<Namespace[Name]>;
};

/** The operations of one upstream as functions; `typeof orders` is the type of its generated module. */
export type Client<Namespace> = Calls<Namespace> & {
  /** The same client for one request: deadline, cancellation, trace and caller of it hold for every call. */
  for(context: RequestContext): Client<Namespace>;
};

/** A generated module: operations by name, among its contract and its types. */
export type OperationModule = Readonly<Record<string, unknown>>;

/**
 * The typed operations of an upstream as plain promises: they go the same way as the calls of a plan (cache, deadline, retry, breaker,
 * places, credentials) and reject with an {@link UpstreamError} where a plan would be told of a failure.
 * An operation is compiled when it is first used: a contract may have hundreds.
 * @param operations the whole generated module: `import * as orders from '@frontage/upstreams/orders'`
 */
export function createClient<Namespace extends OperationModule>(
  operations: Namespace,
  upstream: Upstream,
): Client<Namespace> {
  const prototype = {};
  for (const [name, operation] of operationsIn(operations)) {
    const call = new LazyCall(operation, upstream);
    Object.defineProperty(prototype, name, {
      enumerable: true,
      get(this: Bound) {
        return boundTo(call, this[boundContext]);
      },
    });
  }
  const clientFor = (context: RequestContext | undefined): Client<Namespace> => {
    const bound: Bound & Pick<Client<Namespace>, 'for'> = Object.assign(Object.create(prototype), {
      [boundContext]: context,
      for: clientFor,
    });
    // The members of its prototype come from the module's own table of operations, which is where the types of `Namespace` come from.
    return bound as Bound & Client<Namespace>;
  };
  return clientFor(undefined);
}

const boundContext: unique symbol = Symbol('frontage.client.context');

interface Bound {
  readonly [boundContext]: RequestContext | undefined;
}

/** The operations among what a generated module exports, by the name of the export. */
export function* operationsIn(operations: OperationModule): Generator<[name: string, operation: OperationInfo]> {
  for (const [name, exported] of Object.entries(operations)) if (isOperation(exported)) yield [name, exported];
}

function isOperation(exported: unknown): exported is OperationInfo {
  return typeof exported === 'object' && exported !== null && 'method' in exported && 'responses' in exported;
}

/** A function of its own per use, so that making a client for a request costs the same however many operations there are. */
function boundTo(call: LazyCall, context: RequestContext | undefined) {
  return Object.assign((args?: CallArgs, options?: CallOptions) => call.perform(args, options, context), {
    response: (args?: CallArgs, options?: CallOptions) => call.response(args, options, context),
    download: (args?: CallArgs, options?: CallOptions) => call.download(args, options, context),
    values: (args?: CallArgs, options?: CallOptions) => call.values(args, options, context),
  });
}

class LazyCall {
  readonly #operation: OperationInfo;
  readonly #upstream: Upstream;
  #buffered: BoundOperation | undefined;
  #streamed: BoundOperation | undefined;

  constructor(operation: OperationInfo, upstream: Upstream) {
    this.#operation = operation;
    this.#upstream = upstream;
  }

  async perform(args: CallArgs | undefined, options: CallOptions | undefined, context: RequestContext | undefined) {
    const { value } = await this.response(args, options, context);
    return value;
  }

  response(args: CallArgs | undefined, options: CallOptions | undefined, context: RequestContext | undefined) {
    this.#buffered ??= this.#upstream.executor(this.#operation, { judgesNumbers: true });
    return this.#call(this.#buffered, args, options, context);
  }

  async download(
    args: CallArgs | undefined,
    options: CallOptions | undefined,
    context: RequestContext | undefined,
  ): Promise<Download> {
    this.#streamed ??= this.#upstream.executor(this.#operation, { download: true });
    const { value } = await this.#call(this.#streamed, args, options, context);
    return value instanceof Download ? value : Download.empty(204);
  }

  async values(
    args: CallArgs | undefined,
    options: CallOptions | undefined,
    context: RequestContext | undefined,
  ): Promise<AsyncIterable<unknown>> {
    const download = await this.download(args, options, context);
    return linesOf(download, this.#operation, this.#upstream.lineLimits);
  }

  async #call(
    perform: BoundOperation,
    args: CallArgs = {},
    options: CallOptions = {},
    bound: RequestContext | undefined,
  ): Promise<{ readonly value: unknown; readonly headers: ResponseFields }> {
    const context = options.context ?? bound ?? backgroundContext(this.#upstream.clock);
    const { signal } = options;
    const call = (): Promise<Outcome<unknown>> =>
      signal === undefined
        ? perform(args, scopeOf(context, context.cancellation), options)
        : performUntil(signal, context, (scope) => perform(args, scope, options));
    const isWrite = !this.#upstream.isRead(this.#operation);
    const outcome = await (isWrite ? ClientWrites.of(context).follow(this.#operation, call) : call());
    if (outcome.ok) {
      const value = guardNumbers(outcome.value, () => {
        noteViolation(context, '', this.#operation, inexactPayload);
        return unreadableNumber(this.#operation);
      });
      return { value, headers: outcome.headers ?? {} };
    }
    (outcome === inexactPayload ? noteViolation : noteFailure)(context, '', this.#operation, outcome);
    throw new UpstreamError(this.#operation, outcome, ClientWrites.known(context)?.report());
  }
}

const unreadableNumber = (operation: OperationInfo): UpstreamError => new UpstreamError(operation, inexactPayload);

const scopeOf = (context: RequestContext, cancellation: Cancellation): CallScope => ({
  context,
  part: '',
  deadlineAt: context.deadlineAt,
  cancellation,
});

/** The signal or the end of the request stops the call, the first one of both. */
async function performUntil(
  signal: AbortSignal,
  context: RequestContext,
  perform: (scope: CallScope) => Promise<Outcome<unknown>>,
): Promise<Outcome<unknown>> {
  const own = new Cancellation();
  const abort = (): void => own.cancel('client_gone');
  const follow: Parameters<Cancellation['onCancel']>[0] = (reason) => own.cancel(reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  context.cancellation.onCancel(follow);
  const release = (): void => {
    signal.removeEventListener('abort', abort);
    context.cancellation.offCancel(follow);
  };
  const outcome = await perform(scopeOf(context, own));
  // A download can be stopped until its last byte.
  if (outcome.ok && outcome.value instanceof Download) outcome.value.body.once('close', release);
  else release();
  return outcome;
}

/** A context for what no request asked for: a job, a start. It has a trace of its own, and no deadline but that of the calls. */
function backgroundContext(clock: Clock): RequestContext {
  const context = new RequestContext(newTraceId(), clock.now(), 'GET', '', {});
  context.traceId = newTraceId();
  context.spanId = newSpanId();
  return context;
}
