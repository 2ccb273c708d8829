import { Claims } from '@frontage/auth/proofs';
import type { Caller, TokenKey } from '@frontage/context';
import type { Clock } from '@frontage/core';
import type { SessionProviderOptions } from '../options/sessions.options.js';
import { Nonces, SessionKey } from './session-key.js';
import type { SessionRecord } from './session-record.js';

/** The callers and the keys of records; each is made once for a record. */
export class SessionCallers {
  readonly #claims: ReadonlyMap<string, Claims>;
  readonly #clock: Clock;
  readonly #nonces = new Nonces();
  readonly #callers = new WeakMap<SessionRecord, Caller>();
  readonly #keys = new WeakMap<SessionRecord, TokenKey>();

  constructor(providers: readonly SessionProviderOptions[], clock: Clock) {
    this.#claims = new Map(providers.map((one) => [one.name, claimsOf(one)]));
    this.#clock = clock;
  }

  /** The caller by the policy of today, because a session outlives releases; `undefined` where a claim is required that the login did not have. */
  callerOf(record: SessionRecord): Caller | undefined {
    const known = this.#callers.get(record);
    if (known !== undefined) return known;
    const { provider, claims, scopes } = record;
    try {
      const caller = this.#claims.get(provider)?.callerOf({ ...claims, scope: scopes.join(' ') });
      if (caller !== undefined) this.#callers.set(record, caller);
      return caller;
    } catch {
      return undefined;
    }
  }

  /** The key that the tokens are bound to. */
  keyOf(record: SessionRecord): TokenKey | undefined {
    if (record.tokenKey === undefined) return undefined;
    const known = this.#keys.get(record);
    if (known !== undefined) return known;
    const key = new SessionKey(record.tokenKey, this.#nonces, this.#clock);
    this.#keys.set(record, key);
    return key;
  }
}

const claimsOf = ({ subjectPrefix, rolesClaim, tenantClaim, claims }: SessionProviderOptions): Claims =>
  new Claims({
    subjectPrefix,
    audience: [],
    audienceClaim: 'aud',
    scopeClaims: ['scope'],
    rolesClaims: rolesClaim,
    tenantClaim,
    requiredClaims: undefined,
    claims,
  });
