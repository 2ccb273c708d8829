import { ProblemError } from '@frontage/core';
import type { RequestContext } from '@frontage/context';
import { serializeList, serializeString } from 'structured-headers';
import { addressKey } from './client-address.js';
import { limitKey, type RatePeers, type RateStore } from './rate-store.js';
import type { WindowHit } from './sliding-window.js';

/** One limit of a rate class. */
export interface RateLimit {
  /**
   * The requests that share one count. `user`: those of one caller, or of one address without a caller. `address`: those of one client
   * address (IPv6: one /64). `role`: those of one caller with the role. `app`: all requests of this app.
   */
  readonly per: 'user' | 'address' | 'role' | 'app';
  /** Requests per window, 0 (none at all) or more. */
  readonly limit: number;
  /** Milliseconds, 1,000 or more. */
  readonly windowMs: number;
  /** Set exactly where `per` is `role`. */
  readonly role?: string;
}

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

interface CompiledLimit {
  readonly limit: number;
  readonly windowMs: number;
  /** Name of the policy as a String (RFC 9651). */
  readonly name: string;
  /** Key of the count; `undefined` if the limit does not hold. */
  readonly keyOf: (context: RequestContext) => string | undefined;
}

const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

const policyName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

function keyMaker({ per, role }: RateLimit, prefix: string): CompiledLimit['keyOf'] {
  switch (per) {
    case 'address':
      return (context) => prefix + addressKey(context.clientAddress);
    case 'role':
      return ({ caller }) =>
        role !== undefined && caller?.roles.includes(role) === true ? prefix + caller.subject : undefined;
    case 'user':
      return ({ caller, clientAddress }) =>
        caller === undefined ? `${prefix}address\n${addressKey(clientAddress)}` : `${prefix}user\n${caller.subject}`;
    case 'app':
      return () => prefix;
  }
}

function assertLimit(place: string, { per, limit, windowMs, role }: RateLimit): void {
  if (!Number.isInteger(limit) || limit < 0 || limit > 0xff_ff_ff_ff)
    throw new RangeError(`${place}: limit is ${limit}; write a whole number from 0`);
  if (!(windowMs >= 1_000 && Number.isFinite(windowMs)))
    throw new RangeError(`${place}: window is ${windowMs} ms; write a second or more`);
  if ((per === 'role') !== (role !== undefined))
    throw new TypeError(`${place}: "role" and "per: role" belong together; write both or none`);
}

/** Compiles rate classes into closures over one store. */
export class RateLimiter {
  readonly #store: RateStore;

  constructor(store: RateStore) {
    this.#store = store;
  }

  /** Makes the limits hold for several processes of one machine together, if each has its store in memory. */
  share(peers: RatePeers): void {
    this.#store.share?.(peers);
  }

  /**
   * Called once per class at the start. Limits count a request in the order written. The first limit that refuses it ends the check; the
   * limits before it have counted the request.
   * @throws TypeError or RangeError that names the class and the limit
   */
  compile(className: string, limits: readonly RateLimit[]): CompiledRateClass {
    return this.#compile('class', className, limits);
  }

  /**
   * Compiles `addressLimit` of policy. It has counts of its own, even if a rate class has the name `address`.
   * @throws TypeError or RangeError that names the limit
   */
  compileAddressLimit(limit: Pick<RateLimit, 'limit' | 'windowMs'>): CompiledRateClass {
    return this.#compile('address-limit', 'address', [{ ...limit, per: 'address' }]);
  }

  #compile(purpose: 'class' | 'address-limit', className: string, limits: readonly RateLimit[]): CompiledRateClass {
    if (!policyName.test(className))
      throw new TypeError(
        `rate class ${JSON.stringify(className)}: a name has letters, digits, dots, dashes and underscores`,
      );
    if (limits.length === 0) throw new TypeError(`rate class ${className}: has no limit`);
    const names = new Set<string>();
    const compiled = limits.map((rule, index) => {
      assertLimit(`rate class ${className}, limit ${index + 1}`, rule);
      const { per, limit, windowMs } = rule;
      const name =
        [
          className,
          `${className}-${per}`,
          `${className}-${per}-${secondsOf(windowMs)}s`,
          `${className}-${index + 1}`,
        ].find((one) => !names.has(one)) ?? className;
      names.add(name);
      // The key names the window, because processes of two versions count together while one replaces the other.
      const keyOf = keyMaker(rule, limitKey(purpose, className, index, windowMs));
      return { per, limit, windowMs, plainName: name, name: serializeString(name), keyOf };
    });
    const policy = serializeList(
      compiled.map(({ plainName: name, limit, windowMs }) => [
        name,
        new Map([
          ['q', limit],
          ['w', secondsOf(windowMs)],
        ]),
      ]),
    );
    return {
      policy,
      byAddress: this.#checkOf(
        policy,
        compiled.filter(({ per }) => per === 'address'),
      ),
      byCaller: this.#checkOf(
        policy,
        compiled.filter(({ per }) => per !== 'address'),
      ),
    };
  }

  #checkOf(policy: string, limits: readonly CompiledLimit[]): RateCheck | undefined {
    const [first, ...others] = limits;
    if (first === undefined) return undefined;
    const checkFirst = this.#checkOne(policy, first);
    const checkOthers = this.#checkOf(policy, others);
    if (checkOthers === undefined) return checkFirst;
    const join = (one: string, other: string): string => (one === '' ? other : other === '' ? one : `${one}, ${other}`);
    return (context) => {
      const one = checkFirst(context);
      if (typeof one !== 'string') return one.then(async (value) => join(value, await checkOthers(context)));
      const other = checkOthers(context);
      return typeof other === 'string' ? join(one, other) : other.then((value) => join(one, value));
    };
  }

  #checkOne(policy: string, { keyOf, limit, windowMs, name }: CompiledLimit): RateCheck {
    const store = this.#store;
    const decide = ({ admitted, hits, nextFreeMs, retryAfterMs }: WindowHit): string => {
      if (admitted) return `${name};r=${Math.max(0, limit - hits)};t=${secondsOf(nextFreeMs)}`;
      const seconds = secondsOf(retryAfterMs);
      throw new ProblemError('GW_RATE_LIMITED', {
        headers: { 'retry-after': `${seconds}`, 'ratelimit-policy': policy, ratelimit: `${name};r=0;t=${seconds}` },
      });
    };
    return (context) => {
      const key = keyOf(context);
      if (key === undefined) return '';
      const hit = store.hit(key, windowMs, limit, 0);
      return hit instanceof Promise ? hit.then(decide) : decide(hit);
    };
  }
}
