import { hash } from 'node:crypto';
import type { RequestContext } from '@frontage/context';
import type { AddressKey } from '../addresses/client-address.js';
import { signalKey, type Observation, type SignalRule } from './signal-rule.js';

/** A request that has ended. */
export interface WatchedEnd {
  readonly context: RequestContext;
  /** `GET /orders/:id`. */
  readonly route: string;
  /** 0 without a response. */
  readonly status: number;
}

/** Responses that say nothing about a client: those beyond a limit, and those of an app that cannot respond now. */
const notCounted: ReadonlySet<number> = new Set([0, 429, 503]);

function needed<T>(value: T | undefined, rule: SignalRule, member: string): T {
  if (value === undefined) throw new TypeError(`signals.${rule.name}: watch: ${rule.watch} needs "${member}"`);
  return value;
}

/** 48 bits of a hash: what a set keeps of an address or an account. */
const hashOf = (text: string): number => Number.parseInt(hash('sha256', text).slice(0, 12), 16);

/**
 * Compiles what a rule notes of a request that has ended; `undefined` where it notes nothing.
 * @param clientOf the client that the rule watches
 * @throws TypeError for a rule without a member that it needs
 */
export function compileRule(
  rule: SignalRule,
  clientOf: (context: RequestContext) => string,
  addressKey: AddressKey,
): (end: WatchedEnd) => Observation | undefined {
  const { windowMs, forMs } = rule;
  const base = { windowMs, forMs, threshold: 0, share: 0, value: 0 };
  const keyOf = (context: RequestContext): string => signalKey(rule, clientOf(context));
  switch (rule.watch) {
    case 'refusals': {
      const share = needed(rule.share, rule, 'share');
      const threshold = needed(rule.atLeast, rule, 'atLeast');
      return ({ context, status }) => {
        if (notCounted.has(status)) return undefined;
        const value = status === 401 || status === 403 ? 1 : 0;
        return { ...base, kind: 'share', key: keyOf(context), threshold, share, value };
      };
    }
    case 'accountsPerAddress':
    case 'addressesPerAccount': {
      const threshold = needed(rule.above, rule, 'above');
      const isOfAddress = rule.watch === 'accountsPerAddress';
      return ({ context }) => {
        const { caller, clientAddress } = context;
        if (caller === undefined) return undefined;
        const value = hashOf(isOfAddress ? caller.subject : addressKey(clientAddress));
        return { ...base, kind: 'distinct', key: keyOf(context), threshold, value };
      };
    }
    case 'sequence': {
      const threshold = needed(rule.above, rule, 'above');
      const target = needed(rule.route, rule, 'route');
      const value = needed(rule.withinMs, rule, 'within');
      const after = new Set(needed(rule.after, rule, 'after'));
      return ({ context, route, status }) => {
        if (notCounted.has(status)) return undefined;
        if (route === target) return { ...base, kind: 'jump', key: keyOf(context), threshold };
        return after.has(route) ? { ...base, kind: 'mark', key: keyOf(context), value } : undefined;
      };
    }
  }
}
