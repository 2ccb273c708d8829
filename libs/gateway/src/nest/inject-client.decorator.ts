import {
  createParamDecorator,
  Inject,
  Injectable,
  type ExecutionContext,
  type FactoryProvider,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import type { Client, OperationModule } from '@frontage/clients';
import { requestContextOf, type RequestContext } from '@frontage/context';
import { upstreamOf } from '../routes/client-names.js';
import { RUNTIME, type GatewayRuntime } from '../runtime/runtime.js';

type AnyClient = Client<OperationModule>;

/** A module of operations that something asks for, and how Nest finds its client. */
interface Requested {
  readonly token: symbol;
  readonly provider: FactoryProvider<AnyClient | undefined>;
  /** Binds the client to the request of a handler. */
  readonly decorateHandler: ParameterDecorator;
}

const requested = new Map<OperationModule, Requested>();
const consumers = new Map<object, Set<OperationModule>>();

/**
 * Hands over the typed operations of an upstream as plain promises, under the policy that `bff.yaml` has for it:
 * `import * as orders from '@frontage/upstreams/orders'`.
 *
 * At a parameter of a handler, the client belongs to the request: its deadline, cancellation, trace and caller hold for every call.
 * At a parameter of a constructor, it belongs to no request: `client.for(context)` or the option `context` name the request of a call.
 * An upstream without an address in `bff.yaml` stops the boot.
 */
export function InjectClient(operations: OperationModule): ParameterDecorator {
  const { token, decorateHandler } = request(operations);
  return (target, method, index) => {
    const consumer = method === undefined ? target : target.constructor;
    const modules = consumers.get(consumer) ?? new Set();
    consumers.set(consumer, modules.add(operations));
    if (method === undefined) Inject(token)(target, method, index);
    else decorateHandler(target, method, index);
  };
}

function request(operations: OperationModule): Requested {
  const known = requested.get(operations);
  if (known !== undefined) return known;
  const upstream = upstreamOf(operations);
  const token = Symbol(`frontage.client.${upstream}`);

  @Injectable()
  class ClientOfRequest implements PipeTransform<RequestContext, AnyClient> {
    readonly #client: AnyClient;

    constructor(@Inject(token) client: AnyClient) {
      this.#client = client;
    }

    transform(context: RequestContext): AnyClient {
      return this.#client.for(context);
    }
  }

  const made: Requested = {
    token,
    provider: {
      provide: token,
      inject: [RUNTIME],
      // One process may hold several apps: what one of them asks for need not have an address in another.
      useFactory: ({ config, upstreams }: GatewayRuntime) =>
        Object.hasOwn(config.upstreams, upstream) ? upstreams.client(operations, upstream) : undefined,
    },
    decorateHandler: contextOfRequest(ClientOfRequest),
  };
  requested.set(operations, made);
  return made;
}

const contextOfRequest: (pipe: Type<PipeTransform>) => ParameterDecorator = createParamDecorator(
  (_data: unknown, execution: ExecutionContext): RequestContext => {
    const context = requestContextOf(execution.switchToHttp().getRequest<object>());
    if (context === undefined) {
      throw new Error(
        `@InjectClient() in ${execution.getClass().name}.${execution.getHandler().name}: no pipeline ran before this handler; import FrontageModule in the app's root module`,
      );
    }
    return context;
  },
);

/** Providers of every client that is asked for; read when Nest scans, because classes ask for them when they are loaded. */
export function clientProviders(): readonly FactoryProvider[] {
  return Array.from(requested.values(), ({ provider }) => provider);
}

/** The modules of operations that classes of this app ask for. */
export function clientsOf(discovery: DiscoveryService): ReadonlySet<OperationModule> {
  const used = new Set<OperationModule>();
  for (const { metatype } of [...discovery.getControllers(), ...discovery.getProviders()]) {
    if (metatype === null) continue;
    for (const operations of consumers.get(metatype) ?? []) used.add(operations);
  }
  return used;
}
