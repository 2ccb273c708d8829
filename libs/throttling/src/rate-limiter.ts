import type { RequestContext } from '@frontage/context';
import { addressKeyOf, type AddressKey } from './addresses/client-address.js';
import { compileLimits, policyField, type CompiledLimit, type RateLimit } from './compiled-limits.js';
import { secondsOf, type RatePeers, type RateStore } from './counts/rate-store.js';
import { limitRefusal } from './counts/refusal.js';
import type { WindowHit } from './counts/sliding-window.js';

/**
 * Counts a request and gives the value of its `RateLimit` field, `''` if no limit holds for this caller. A store in memory gives no promise.
 * @throws ProblemError `GW_RATE_LIMITED` with `Retry-After`, `RateLimit` and `RateLimit-Policy`
 */
export type RateCheck = (context: RequestContext) => string | Promise<string>;

/** A rate class as closures. A class without limits of a kind has no closure for it. */
export interface CompiledRateClass {
  /** Value of the `RateLimit-Policy` field (draft-ietf-httpapi-ratelimit-headers-11), the same for each response. */
  readonly policy: string;
  /** Checks the limits per address; call it before a signature is verified. */
  readonly byAddress: RateCheck | undefined;
  /** Checks the limits per user, role and app; call it once the caller is known. */
  readonly byCaller: RateCheck | undefined;
}

/** The use that a caller has made of one of its limits. */
export interface LimitUsage {
  /** The name by which `RateLimit` and `violated-policies` tell of the limit. */
  readonly policy: string;
  readonly per: RateLimit['per'];
  /** Requests that are admitted: within the window, or at once. */
  readonly limit: number;
  /** Seconds over which they are counted. */
  readonly window: number;
  readonly used: number;
  readonly remaining: number;
  /** Seconds until more is free; 0 if nothing is used. */
  readonly reset: number;
}

/** Tells what a caller has used, and counts nothing. A store in memory gives no promise. */
export type UsageLook = (context: RequestContext) => readonly LimitUsage[] | Promise<readonly LimitUsage[]>;

export interface RateLimiterOptions {
  /** From 0 to 1, spreads `Retry-After`; for tests. @default Math.random */
  readonly random?: () => number;
  /** Bits of the network by which addresses of IPv6 are counted, 1 to 128. @default 64 */
  readonly ipv6Prefix?: number;
}

/** Compiles rate classes into closures over one store. */
export class RateLimiter {
  readonly #store: RateStore;
  readonly #random: () => number;
  /** The text by which an address is counted. */
  readonly addressKey: AddressKey;

  /** @throws RangeError for a prefix that is none */
  constructor(store: RateStore, { random = Math.random, ipv6Prefix }: RateLimiterOptions = {}) {
    this.#store = store;
    this.#random = random;
    this.addressKey = addressKeyOf(ipv6Prefix);
  }

  /** Makes the limits hold for several processes of one machine together, if each has its store in memory. */
  share(peers: RatePeers): void {
    this.#store.share?.(peers);
  }

  /**
   * Called once per class and weight at the start. A request is checked by all limits of a check, then counted by all of them or by none: a
   * refused request takes nothing from the limits that would have admitted it.
   * @param weight the number of requests that one request counts as, a whole number from 1
   * @throws TypeError or RangeError that names the class and the limit
   */
  compile(className: string, limits: readonly RateLimit[], weight = 1): CompiledRateClass {
    return this.#compile(compileLimits('class', className, limits, weight, this.addressKey));
  }

  /**
   * Compiles `addressLimit` of policy. It has counts of its own, even if a rate class has the name `address`.
   * @throws TypeError or RangeError that names the limit
   */
  compileAddressLimit(limit: AddressLimit): CompiledRateClass {
    return this.#compile(this.#addressLimit(limit, 1));
  }

  /**
   * Compiles a look at what a caller has used of a class. Limits for all callers together are left out: they would tell of others.
   * @throws TypeError or RangeError that names the class and the limit
   */
  compileLook(className: string, limits: readonly RateLimit[]): UsageLook {
    return this.#lookOf(
      compileLimits('class', className, limits, 0, this.addressKey).filter(({ per }) => per !== 'app'),
    );
  }

  /** Compiles a look at what the address of a caller has used of `addressLimit`. */
  compileAddressLook(limit: AddressLimit): UsageLook {
    return this.#lookOf(this.#addressLimit(limit, 0));
  }

  #addressLimit(limit: AddressLimit, weight: number): readonly CompiledLimit[] {
    return compileLimits('address-limit', 'address', [{ ...limit, per: 'address' }], weight, this.addressKey);
  }

  #compile(compiled: readonly CompiledLimit[]): CompiledRateClass {
    const policy = policyField(compiled);
    const check = (limits: readonly CompiledLimit[]): RateCheck | undefined => this.#checkOf(policy, limits);
    return {
      policy,
      byAddress: check(compiled.filter(({ per }) => per === 'address')),
      byCaller: check(compiled.filter(({ per }) => per !== 'address')),
    };
  }

  #checkOf(policy: string, limits: readonly CompiledLimit[]): RateCheck | undefined {
    if (limits.length === 0) return undefined;
    const store = this.#store;
    const decide = (held: readonly CompiledLimit[], hits: readonly WindowHit[]): string => {
      let standings = '';
      for (let i = 0; i < held.length; i++) {
        const limit = held[i];
        const hit = hits[i];
        if (limit === undefined || hit?.admitted !== true)
          throw limitRefusal(policy, violatedBy(held, hits), this.#random);
        const rest = Math.max(0, limit.quota - hit.hits);
        standings += `${i === 0 ? '' : ', '}${limit.name};r=${rest};t=${secondsOf(hit.nextFreeMs)}`;
      }
      return standings;
    };
    return (context) => {
      const { held, keys } = heldBy(limits, context);
      if (held.length === 0) return '';
      const hits = store.hitAll(held, keys);
      return hits instanceof Promise ? hits.then((arrived) => decide(held, arrived)) : decide(held, hits);
    };
  }

  #lookOf(limits: readonly CompiledLimit[]): UsageLook {
    const store = this.#store;
    return (context) => {
      const { held, keys } = heldBy(limits, context);
      if (held.length === 0) return [];
      const hits = store.hitAll(held, keys);
      return hits instanceof Promise ? hits.then((arrived) => usagesOf(held, arrived)) : usagesOf(held, hits);
    };
  }
}

type AddressLimit = Pick<RateLimit, 'limit' | 'windowMs' | 'burst'>;

/** The limits that hold for a request, with the keys of their counts. */
function heldBy(
  limits: readonly CompiledLimit[],
  context: RequestContext,
): { readonly held: readonly CompiledLimit[]; readonly keys: readonly string[] } {
  const keys: string[] = [];
  for (const { keyOf } of limits) {
    const key = keyOf(context);
    if (key !== undefined) keys.push(key);
  }
  const held = keys.length < limits.length ? limits.filter(({ keyOf }) => keyOf(context) !== undefined) : limits;
  return { held, keys };
}

const violatedBy = (limits: readonly CompiledLimit[], hits: readonly WindowHit[]) =>
  limits.flatMap(({ name, plainName }, i) => {
    const hit = hits[i];
    return hit === undefined || hit.admitted ? [] : [{ name, plainName, waitMs: hit.retryAfterMs }];
  });

const usagesOf = (limits: readonly CompiledLimit[], hits: readonly WindowHit[]): readonly LimitUsage[] =>
  limits.map(({ plainName: policy, per, quota: limit, seconds: window }, i) => {
    const { hits: used = 0, nextFreeMs = 0 } = hits[i] ?? {};
    const reset = used === 0 ? 0 : secondsOf(nextFreeMs);
    return { policy, per, limit, window, used, remaining: Math.max(0, limit - used), reset };
  });
