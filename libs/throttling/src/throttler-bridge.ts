import type { ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { ThrottlerException, type ThrottlerStorage } from '@nestjs/throttler';
import { requestContextOf } from '@frontage/context';
import type { ProblemError } from '@frontage/core';
import { serializeString } from 'structured-headers';
import { callerKey } from './addresses/caller-key.js';
import type { AddressKey } from './addresses/client-address.js';
import { policyField } from './compiled-limits.js';
import { secondsOf, type RateStore, type ThrottlerRecord } from './counts/rate-store.js';
import { limitRefusal } from './counts/refusal.js';

/** The refusal of `ThrottlerGuard`, with the problem that a rate class would give. Filters for `ThrottlerException` take it, too. */
export class ThrottlerRefusal extends ThrottlerException {
  readonly problem: ProblemError;

  constructor(problem: ProblemError) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Both platforms of Nest: Fastify wraps the response of Node, Express extends it. */
type PlatformResponse = ServerResponse | { readonly raw: ServerResponse };

/**
 * Makes `ThrottlerGuard` of @nestjs/throttler count as rate classes do: in the same store, by the same caller, with the same header fields
 * and the same problem.
 */
export class ThrottlerBridge implements ThrottlerStorage {
  readonly #store: RateStore;
  readonly #callerOf: ReturnType<typeof callerKey>;
  readonly #random: () => number;
  /** The request that the guard counts next: it asks for the key and for the count in one go. */
  #asked: ExecutionContext | undefined;

  constructor(store: RateStore, addressKey: AddressKey, random: () => number = Math.random) {
    this.#store = store;
    this.#callerOf = callerKey(addressKey);
    this.#random = random;
  }

  /** The caller by which a request is counted: that of the pipeline, which knows the trusted proxies, else the address of the platform. */
  readonly getTracker = (request: Record<string, unknown>): string => {
    const clientAddress = typeof request['ip'] === 'string' ? request['ip'] : '';
    return this.#callerOf(requestContextOf(request) ?? { caller: undefined, clientAddress });
  };

  /** A handler has a count of its own, as in @nestjs/throttler. */
  readonly generateKey = (context: ExecutionContext, tracker: string): string => {
    this.#asked = context;
    return `${JSON.stringify(`${context.getClass().name}.${context.getHandler().name}`)}\n${tracker}`;
  };

  /** @throws ThrottlerRefusal (rejects) for a request beyond the limit */
  async increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    name: string,
  ): Promise<ThrottlerRecord> {
    const context = this.#asked;
    this.#asked = undefined;
    const record = await this.#store.increment(key, ttl, limit, blockDuration, name);
    // Without one, a key maker of the team's own was asked; its guard refuses as it always did.
    if (context?.getType() !== 'http') return record;
    const platform = context.switchToHttp().getResponse<PlatformResponse>();
    const response = 'raw' in platform ? platform.raw : platform;
    const policy = policyField([{ plainName: name, quota: limit, seconds: secondsOf(ttl) }]);
    if (record.isBlocked) {
      const violated = [{ plainName: name, name: serializeString(name), waitMs: record.timeToBlockExpire * 1000 }];
      const refusal = limitRefusal(policy, violated, this.#random);
      for (const [field, value] of Object.entries(refusal.options.headers ?? {})) response.setHeader(field, value);
      throw new ThrottlerRefusal(refusal);
    }
    const rest = Math.max(0, limit - record.totalHits);
    response.appendHeader('ratelimit-policy', policy);
    response.appendHeader('ratelimit', `${serializeString(name)};r=${rest};t=${Math.max(1, record.timeToExpire)}`);
    return record;
  }
}
