import type { RequestContext } from '@frontage/context';
import { serializeList, serializeString } from 'structured-headers';
import { callerKey } from './addresses/caller-key.js';
import type { AddressKey } from './addresses/client-address.js';
import { everyMsOf, limitKey, secondsOf, type CountedLimit } from './counts/rate-store.js';

/** One limit of a rate class. */
export interface RateLimit {
  /**
   * The requests that share one count. `user`: those of one caller, or of one address without a caller. `address`: those of one client
   * address (IPv6: one network). `role`: those of one caller with the role. `tenant`, `apiKey`: those of all callers of one tenant, of one
   * API key; a caller without one counts as under `user`. `app`: all requests of this app.
   */
  readonly per: 'user' | 'address' | 'role' | 'tenant' | 'apiKey' | 'app';
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

export interface CompiledLimit extends CountedLimit, Pick<RateLimit, 'per'> {
  readonly plainName: string;
  /** The name of the policy as a String (RFC 9651). */
  readonly name: string;
  /** Requests of which the header tells the rest: those of the window, or of the burst. */
  readonly quota: number;
  /** Seconds over which the quota counts. */
  readonly seconds: number;
  /** Key of the count; `undefined` if the limit does not hold. */
  readonly keyOf: (context: RequestContext) => string | undefined;
}

const policyName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

function keyMaker({ per, role }: RateLimit, prefix: string, addressKey: AddressKey): CompiledLimit['keyOf'] {
  const ofCaller = callerKey(addressKey);
  switch (per) {
    case 'address':
      return (context) => prefix + addressKey(context.clientAddress);
    case 'role':
      return ({ caller }) =>
        role !== undefined && caller?.roles.includes(role) === true ? prefix + caller.subject : undefined;
    case 'user':
      return (context) => prefix + ofCaller(context);
    case 'tenant':
    case 'apiKey':
      return (context) => {
        const group = context.caller?.[per];
        return prefix + (group === undefined ? ofCaller(context) : `${per}\n${group}`);
      };
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

/**
 * The limits of a rate class, or of `addressLimit`, with their names and keys.
 * @param weight the number of requests that one request counts as; 0 looks at the counts
 * @throws TypeError or RangeError that names the class and the limit
 */
export function compileLimits(
  purpose: 'class' | 'address-limit',
  className: string,
  limits: readonly RateLimit[],
  weight: number,
  addressKey: AddressKey,
): readonly CompiledLimit[] {
  if (!policyName.test(className))
    throw new TypeError(
      `rate class ${JSON.stringify(className)}: a name has letters, digits, dots, dashes and underscores`,
    );
  if (limits.length === 0) throw new TypeError(`rate class ${className}: has no limit`);
  const names = new Set<string>();
  return limits.map((rule, index) => {
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
    const keyOf = keyMaker(rule, limitKey(purpose, className, index, ...way), addressKey);
    const name = serializeString(plainName);
    const seconds = secondsOf(burst === undefined ? windowMs : burst * everyMsOf(limit, windowMs));
    return { per, limit, windowMs, burst, weight, plainName, name, quota: burst ?? limit, seconds, keyOf };
  });
}

/** The value of a `RateLimit-Policy` field (draft-ietf-httpapi-ratelimit-headers-11, section 2.1). */
export const policyField = (limits: readonly Pick<CompiledLimit, 'plainName' | 'quota' | 'seconds'>[]): string =>
  serializeList(
    limits.map(({ plainName, quota, seconds }) => [
      plainName,
      new Map([
        ['q', quota],
        ['w', seconds],
      ]),
    ]),
  );
