import type { HttpService } from '@nestjs/axios';
import {
  AddressBalancer,
  Bulkhead,
  CircuitBreaker,
  RetryBackoff,
  RetryBudget,
  type BreakerState,
} from '@frontage/breaker';
import type { OperationCache } from '@frontage/caching';
import type { Executor } from '@frontage/context';
import type { Clock, OperationInfo } from '@frontage/core';
import { callStack, type CallPolicy } from './call-stack.js';
import { compileOperation } from './compiled-operation.js';
import { DeadlineWatch } from './deadline-watch.js';
import { EncodeError } from './encode-value.js';
import { notEncodable } from './failures.js';
import { AxiosTransport } from './transports/axios.transport.js';
import type { Transport } from './transports/transport.js';
import { UndiciTransport } from './transports/undici.transport.js';
import { resolveUpstreamOptions, type ResolvedUpstreamOptions, type UpstreamOptions } from './upstream.options.js';
import { UpstreamRequest } from './upstream-request.js';

export interface UpstreamDependencies {
  readonly clock: Clock;
  /** Needed where `cache` names an operation. */
  readonly cache?: OperationCache;
  /** Needed where `transport` is `axios`. */
  readonly httpService?: HttpService;
}

export interface ExecutorOptions {
  /** How long one call may take, in milliseconds: at least 1. @default that of the operation in policy, or of the upstream */
  readonly timeoutMs?: number | undefined;
}

/** How an upstream fares right now. */
export interface UpstreamHealth {
  readonly upstream: string;
  /** Absent without a breaker. */
  readonly breaker?: BreakerState;
  /** Calls under way and waiting; absent without a limit. */
  readonly calls?: { readonly active: number; readonly queued: number };
}

/** The runtime of one upstream: its connections, its breaker, its limits. Operations are bound to it at boot. */
export interface Upstream {
  readonly name: string;
  /**
   * Compiles an operation into a function that performs it.
   * @throws Error for an operation that cannot be written, RangeError for a timeout out of range
   */
  executor(operation: OperationInfo, options?: ExecutorOptions): Executor;
  /** `undefined` where policy has no breaker. */
  breakerState(): BreakerState | undefined;
  health(): UpstreamHealth;
  /** Lets calls under way end, then closes all connections. */
  close(): Promise<void>;
}

/**
 * @throws RangeError or TypeError for options that make no sense, naming upstream and option
 */
export function createUpstream(name: string, options: UpstreamOptions, deps: UpstreamDependencies): Upstream {
  const resolved = resolveUpstreamOptions(name, options);
  const { clock } = deps;
  const { concurrency, queue, retry } = resolved;
  const policy: CallPolicy = {
    options: resolved,
    clock,
    watch: new DeadlineWatch(clock),
    carrier: transportOf(name, resolved, deps),
    retry:
      retry === undefined || retry.attempts === 1
        ? undefined
        : {
            attempts: retry.attempts ?? 2,
            budget: new RetryBudget(retry.budgetRatio === undefined ? {} : { ratio: retry.budgetRatio }, clock),
            backoff: new RetryBackoff(),
          },
    circuit: resolved.breaker === undefined ? undefined : new CircuitBreaker(name, resolved.breaker, clock),
    places:
      concurrency === undefined
        ? undefined
        : new Bulkhead({ maxConcurrent: concurrency, ...(queue === undefined ? undefined : { maxQueued: queue }) }),
    addresses: resolved.addresses.length === 1 ? undefined : new AddressBalancer(resolved.addresses, {}, clock),
  };
  return new BoundUpstream(name, policy, deps.cache);
}

function transportOf(name: string, options: ResolvedUpstreamOptions, deps: UpstreamDependencies): Transport {
  const limits = { clock: deps.clock, maxBodyBytes: options.maxBodyBytes };
  if (options.transport === 'undici') return new UndiciTransport(options, limits);
  if (deps.httpService === undefined)
    throw new TypeError(`${name}: transport axios needs the HttpService of @nestjs/axios`);
  return new AxiosTransport(deps.httpService, options, limits);
}

class BoundUpstream implements Upstream {
  readonly name: string;
  readonly #policy: CallPolicy;
  readonly #cache: OperationCache | undefined;
  #closing: Promise<void> | undefined;

  constructor(name: string, policy: CallPolicy, cache: OperationCache | undefined) {
    this.name = name;
    this.#policy = policy;
    this.#cache = cache;
  }

  executor(info: OperationInfo, { timeoutMs }: ExecutorOptions = {}): Executor {
    const { options, clock } = this.#policy;
    const limitMs = timeoutMs ?? options.operations?.[info.id]?.timeoutMs ?? options.timeoutMs;
    if (!(limitMs >= 1 && limitMs < 2 ** 31))
      throw new RangeError(`${this.name}.${info.id}: timeoutMs is ${limitMs}; takes 1 or more`);
    const operation = compileOperation(info, options.addresses[0], {
      bigNumbers: options.bigNumbers,
      wallTime: () => clock.wallTime(),
      credentialsHeader: options.credentials?.header,
    });
    const perform = callStack(operation, this.#cachedOperation(info), this.#policy);
    return (args, scope) => {
      let request: UpstreamRequest;
      try {
        request = new UpstreamRequest(operation, args, scope, clock.now(), limitMs);
      } catch (error) {
        // The only place where arguments are written: what they cannot say becomes an outcome here.
        return error instanceof EncodeError ? Promise.resolve(notEncodable(error.message)) : Promise.reject(error);
      }
      return perform(request);
    };
  }

  breakerState(): BreakerState | undefined {
    return this.#policy.circuit?.state;
  }

  health(): UpstreamHealth {
    const { circuit, places } = this.#policy;
    return {
      upstream: this.name,
      ...(circuit && { breaker: circuit.state }),
      ...(places && { calls: { active: places.active, queued: places.queued } }),
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#policy.carrier.close();
    return this.#closing;
  }

  #cachedOperation(info: OperationInfo): ReturnType<OperationCache['operation']> | undefined {
    const options = this.#policy.options.cache?.[info.id];
    if (options === undefined) return undefined;
    if (info.method !== 'GET' && info.method !== 'HEAD') {
      throw new TypeError(
        `${this.name}.${info.id}: cache takes operations with GET or HEAD, and this one is ${info.method}`,
      );
    }
    if (this.#cache === undefined) throw new TypeError(`${this.name}.${info.id}: cache needs an OperationCache`);
    return this.#cache.operation({
      upstream: this.name,
      operation: info.id,
      ttlMs: options.ttlMs,
      isPublic: options.public ?? false,
    });
  }
}
