import { hash } from 'node:crypto';
import { channels, ProblemError, type Clock, type SignalRaised } from '@frontage/core';
import type { RequestContext } from '@frontage/context';
import { LRUCache } from 'lru-cache';
import { callerKey } from '../addresses/caller-key.js';
import type { AddressKey } from '../addresses/client-address.js';
import { retryAfter } from '../counts/refusal.js';
import { compileRule, type WatchedEnd } from './compile-rule.js';
import { signalKey, type Observation, type SignalRule, type SignalStore, type Standing } from './signal-rule.js';

/** The type of a problem for a client that behaves as no client should (draft-ietf-httpapi-ratelimit-headers-11). */
const abnormalUsage = 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected';

/** The standing of a client under a rule that it has raised, as this process knows it. */
interface Raised {
  /** Monotonic milliseconds. */
  readonly until: number;
  /** Milliseconds since 1970. */
  readonly raisedAt: number;
}

export interface SignalsOptions {
  readonly store: SignalStore;
  readonly addressKey: AddressKey;
  readonly clock: Clock;
  /** The number of clients for which something follows that this process remembers. @default 10_000 */
  readonly maxRaised?: number;
  /** From 0 to 1, spreads `Retry-After`; for tests. @default Math.random */
  readonly random?: () => number;
}

/**
 * Watches how populations of requests behave. Every request is observed when it ends, so that none waits for it; what follows for a client
 * holds from its next request on, in each process once it has seen a request of the client end.
 */
export class Signals {
  readonly #rules: readonly SignalRule[];
  readonly #observers: readonly ((end: WatchedEnd) => Observation | undefined)[];
  readonly #store: SignalStore;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #raised: LRUCache<string, Raised>;
  readonly #addressOf: (context: RequestContext) => string;
  readonly #callerOf: (context: RequestContext) => string;

  /** @throws TypeError for a rule without a member that it needs */
  constructor(
    rules: readonly SignalRule[],
    { store, addressKey, clock, maxRaised = 10_000, random = Math.random }: SignalsOptions,
  ) {
    this.#rules = rules;
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
    this.#raised = new LRUCache({ max: maxRaised });
    this.#addressOf = ({ clientAddress }) => `address\n${addressKey(clientAddress)}`;
    this.#callerOf = callerKey(addressKey);
    this.#observers = rules.map((rule) => compileRule(rule, this.#clientOf(rule), addressKey));
  }

  /** Clients for which something follows, in this process. */
  get size(): number {
    return this.#raised.size;
  }

  /** Notes a request that has ended. It gives no promise that anything waits for. */
  observe(end: WatchedEnd): void {
    const seen: Observation[] = [];
    const of: SignalRule[] = [];
    for (const [i, observer] of this.#observers.entries()) {
      const observation = observer(end);
      const rule = this.#rules[i];
      if (observation === undefined || rule === undefined) continue;
      seen.push(observation);
      of.push(rule);
    }
    if (seen.length === 0) return;
    const standings = this.#store.observe(seen);
    if (standings instanceof Promise) void standings.then((arrived) => this.#learn(of, seen, arrived, end.context));
    else this.#learn(of, seen, standings, end.context);
  }

  /**
   * Compiles the check of a request before its caller is known.
   * @returns `undefined` where no rule blocks addresses
   * @throws (the check) ProblemError `GW_RATE_LIMITED` for a blocked address
   */
  compileAddressCheck(): ((context: RequestContext) => void) | undefined {
    const rules = this.#rules.filter((rule) => rule.action === 'block' && isOfAddress(rule));
    return rules.length === 0 ? undefined : (context) => this.#refuseBlocked(rules, context);
  }

  /**
   * Compiles the check of a request whose caller is known.
   * @returns `undefined` where no rule asks for it
   * @throws (the check) ProblemError `GW_RATE_LIMITED` for a blocked caller, `GW_UNAUTHENTICATED` for one that has to log in again
   */
  compileCallerCheck(): ((context: RequestContext) => void) | undefined {
    const blocking = this.#rules.filter((rule) => rule.action === 'block' && !isOfAddress(rule));
    const asking = this.#rules.filter((rule) => rule.action === 'stepUp');
    if (blocking.length + asking.length === 0) return undefined;
    return (context) => {
      this.#refuseBlocked(blocking, context);
      for (const rule of asking) this.#askForLogin(rule, context);
    };
  }

  /**
   * Compiles the choice of a slower class for a request whose caller is known.
   * @returns `undefined` where no rule slows clients down
   */
  compileSlowClass(): ((context: RequestContext) => string | undefined) | undefined {
    const slow = this.#rules.filter(({ action }) => action === 'slow');
    if (slow.length === 0) return undefined;
    return (context) => slow.find((rule) => this.#standing(rule, context) !== undefined)?.rateClass;
  }

  #refuseBlocked(rules: readonly SignalRule[], context: RequestContext): void {
    for (const rule of rules) {
      const raised = this.#standing(rule, context);
      if (raised === undefined) continue;
      const waitMs = raised.until - this.#clock.now();
      // The name of the rule stays inside: it would tell an attacker what to avoid.
      throw new ProblemError('GW_RATE_LIMITED', {
        type: abnormalUsage,
        headers: { 'retry-after': retryAfter(waitMs, this.#random) },
      });
    }
  }

  /** RFC 9470: the login has to be younger than the event. */
  #askForLogin(rule: SignalRule, context: RequestContext): void {
    const { caller } = context;
    const raised = caller && this.#standing(rule, context);
    if (raised === undefined) return;
    const { authenticatedAt } = caller ?? {};
    if (authenticatedAt !== undefined && authenticatedAt * 1000 >= raised.raisedAt) return;
    const maxAge = Math.max(1, Math.floor((this.#clock.wallTime() - raised.raisedAt) / 1000));
    throw new ProblemError('GW_UNAUTHENTICATED', {
      headers: { 'www-authenticate': `Bearer error="insufficient_user_authentication", max_age="${maxAge}"` },
    });
  }

  #standing(rule: SignalRule, context: RequestContext): Raised | undefined {
    if (this.#raised.size === 0) return undefined;
    const raised = this.#raised.get(signalKey(rule, this.#clientOf(rule)(context)));
    return raised === undefined || raised.until <= this.#clock.now() ? undefined : raised;
  }

  #clientOf(rule: SignalRule): (context: RequestContext) => string {
    return isOfAddress(rule) ? this.#addressOf : this.#callerOf;
  }

  #learn(
    rules: readonly SignalRule[],
    seen: readonly Observation[],
    standings: readonly Standing[],
    context: RequestContext,
  ): void {
    for (const [i, { leftMs, agoMs, isNew }] of standings.entries()) {
      const rule = rules[i];
      const key = seen[i]?.key;
      if (rule === undefined || key === undefined || leftMs <= 0) continue;
      if (rule.action !== 'report')
        this.#raised.set(key, { until: this.#clock.now() + leftMs, raisedAt: this.#clock.wallTime() - agoMs });
      if (isNew && channels.signalRaised.hasSubscribers)
        channels.signalRaised.publish({
          signal: rule.name,
          of: isOfAddress(rule) ? 'address' : 'user',
          action: rule.action,
          requestId: context.requestId,
          client: pseudonym(key),
        } satisfies SignalRaised);
    }
  }
}

/** A rule about the accounts of an address is about the address; one about the addresses of an account is about the account. */
const isOfAddress = ({ watch, per }: SignalRule): boolean =>
  watch === 'accountsPerAddress' || (watch !== 'addressesPerAccount' && per === 'address');

/** Tells the events of one client from those of another one, and not who it is. */
const pseudonym = (key: string): string => hash('sha256', key).slice(0, 12);
