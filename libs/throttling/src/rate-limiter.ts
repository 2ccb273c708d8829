import { ProblemError } from '@frontage/core';
import type { RequestContext } from '@frontage/context';
import { serializeList, serializeString } from 'structured-headers';
import { addressKey } from './client-address.js';
import { everyMsOf, limitKey, type CountedLimit, type RatePeers, type RateStore } from './counts/rate-store.js';
import type { WindowHit } from './counts/sliding-window.js';

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
  /**
   * Requests at once, 1 to `limit`. The rest come at the steady rate of `limit` per window: after a burst, one each `window / limit`.
   * @default all of `limit` at once, in a sliding window
   */
  readonly burst?: number;
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

interface CompiledLimit extends CountedLimit {
  readonly plainName: string;
  /** The name of the policy as a String (RFC 9651). */
  readonly name: string;
  /** Requests of which the header tells the rest: those of the window, or of the burst. */
  readonly quota: number;
  /** Key of the count; `undefined` if the limit does not hold. */
  readonly keyOf: (context: RequestContext) => string | undefined;
}

/** The type of a problem for a request beyond its limits, which names them in `violated-policies` (the same draft, section 3.1). */
export const quotaExceeded = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

/** Clients that were refused together do not come back together: up to a tenth is added to their time. */
const RETRY_SPREAD = 0.1;

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

function assertLimit(place: string, { per, limit, windowMs, role, burst }: RateLimit, weight: number): void {
  if (!Number.isInteger(limit) || limit < 0 || limit > 0xff_ff_ff_ff)
    throw new RangeError(`${place}: limit is ${limit}; write a whole number from 0`);
  if (!(windowMs >= 1_000 && Number.isFinite(windowMs)))
    throw new RangeError(`${place}: window is ${windowMs} ms; write a second or more`);
  if (burst !== undefined && !(Number.isInteger(burst) && burst >= 1 && burst <= limit))
    throw new RangeError(`${place}: burst is ${burst}; write a whole number from 1 to the limit, ${limit}`);
  if (limit > 0 && weight > (burst ?? limit))
    throw new RangeError(
      `${place}: a request of weight ${weight} is never admitted by ${burst === undefined ? 'a limit' : 'a burst'} of ${burst ?? limit}`,
    );
  if ((per === 'role') !== (role !== undefined))
    throw new TypeError(`${place}: "role" and "per: role" belong together; write both or none`);
}

/** Compiles rate classes into closures over one store. */
export class RateLimiter {
  readonly #store: RateStore;
  readonly #random: () => number;

  /** @param random from 0 to 1, spreads `Retry-After`; for tests */
  constructor(store: RateStore, random: () => number = Math.random) {
    this.#store = store;
    this.#random = random;
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
    return this.#compile('class', className, limits, weight);
  }

  /**
   * Compiles `addressLimit` of policy. It has counts of its own, even if a rate class has the name `address`.
   * @throws TypeError or RangeError that names the limit
   */
  compileAddressLimit(limit: Pick<RateLimit, 'limit' | 'windowMs' | 'burst'>): CompiledRateClass {
    return this.#compile('address-limit', 'address', [{ ...limit, per: 'address' }], 1);
  }

  #compile(
    purpose: 'class' | 'address-limit',
    className: string,
    limits: readonly RateLimit[],
    weight: number,
  ): CompiledRateClass {
    if (!policyName.test(className))
      throw new TypeError(
        `rate class ${JSON.stringify(className)}: a name has letters, digits, dots, dashes and underscores`,
      );
    if (limits.length === 0) throw new TypeError(`rate class ${className}: has no limit`);
    const names = new Set<string>();
    const compiled = limits.map((rule, index): CompiledLimit & Pick<RateLimit, 'per'> => {
      assertLimit(`rate class ${className}, limit ${index + 1}`, rule, weight);
      const { per, limit, windowMs, burst } = rule;
      const plainName =
        [
          className,
          `${className}-${per}`,
          `${className}-${per}-${secondsOf(windowMs)}s`,
          `${className}-${index + 1}`,
        ].find((one) => !names.has(one)) ?? className;
      names.add(plainName);
      // The key names the window and the way of counting, because processes of two versions count together while one replaces the other.
      const way = burst === undefined ? [windowMs] : [windowMs, limit, 'burst'];
      const keyOf = keyMaker(rule, limitKey(purpose, className, index, ...way));
      const name = serializeString(plainName);
      return { per, limit, windowMs, burst, weight, plainName, name, quota: burst ?? limit, keyOf };
    });
    const policy = serializeList(
      compiled.map(({ plainName, quota, limit, windowMs, burst }) => [
        plainName,
        new Map([
          ['q', quota],
          ['w', secondsOf(burst === undefined ? windowMs : burst * everyMsOf(limit, windowMs))],
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
    if (limits.length === 0) return undefined;
    const store = this.#store;
    const decide = (held: readonly CompiledLimit[], hits: readonly WindowHit[]): string => {
      let standings = '';
      for (let i = 0; i < held.length; i++) {
        const limit = held[i];
        const hit = hits[i];
        if (limit === undefined || hit?.admitted !== true) throw this.#refusal(policy, held, hits);
        const rest = Math.max(0, limit.quota - hit.hits);
        standings += `${i === 0 ? '' : ', '}${limit.name};r=${rest};t=${secondsOf(hit.nextFreeMs)}`;
      }
      return standings;
    };
    return (context) => {
      let held = limits;
      const keys: string[] = [];
      for (const { keyOf } of limits) {
        const key = keyOf(context);
        if (key !== undefined) keys.push(key);
      }
      if (keys.length < limits.length) {
        held = limits.filter(({ keyOf }) => keyOf(context) !== undefined);
        if (held.length === 0) return '';
      }
      const hits = store.hitAll(held, keys);
      return hits instanceof Promise ? hits.then((arrived) => decide(held, arrived)) : decide(held, hits);
    };
  }

  /** The longest wait of the limits that refuse, because a client that comes back after a shorter one is refused again. */
  #refusal(policy: string, limits: readonly CompiledLimit[], hits: readonly WindowHit[]): ProblemError {
    const violated = limits.flatMap(({ name, plainName }, i) => {
      const hit = hits[i];
      return hit === undefined || hit.admitted ? [] : [{ name, plainName, waitMs: hit.retryAfterMs }];
    });
    const waitMs = Math.max(...violated.map((one) => one.waitMs));
    return new ProblemError('GW_RATE_LIMITED', {
      type: quotaExceeded,
      members: { 'violated-policies': violated.map(({ plainName }) => plainName) },
      headers: {
        'retry-after': `${secondsOf(waitMs * (1 + this.#random() * RETRY_SPREAD))}`,
        'ratelimit-policy': policy,
        ratelimit: violated.map((one) => `${one.name};r=0;t=${secondsOf(one.waitMs)}`).join(', '),
      },
    });
  }
}
