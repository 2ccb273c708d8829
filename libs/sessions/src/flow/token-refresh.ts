import { ProblemError, type Clock } from '@frontage/core';
import type { SealedRecords } from '../records/sealed-records.js';
import type { SessionRecord } from '../records/session-record.js';
import type { OpenIdProvider } from '../provider/openid-provider.js';
import { GrantRefused } from '../provider/refusals.js';
import type { ReceivedTokens } from '../provider/token-response.js';

/** Time between two looks at a session that another process refreshes, in milliseconds. */
const lookMs = 25;
/** A lock outlives the longest call of the provider by this, in milliseconds. */
const lockMarginMs = 5_000;
/** Attempts to store new tokens, and the time between them: the old ones are of no use any more. */
const storeAttempts = 10;
const storeAgainMs = 300;

export interface TokenRefreshOptions {
  readonly records: SealedRecords;
  readonly providerOf: (name: string) => OpenIdProvider | undefined;
  readonly aheadMs: number;
  readonly clock: Clock;
}

/**
 * Keeps the access tokens of sessions fresh. Refresh tokens rotate, so two refreshes at the same time would end the login: in a process all
 * requests of a session share one, and processes take a lock.
 */
export class TokenRefresh {
  readonly #options: TokenRefreshOptions;
  readonly #running = new Map<string, Promise<SessionRecord | undefined>>();

  constructor(options: TokenRefreshOptions) {
    this.#options = options;
  }

  /** Sessions whose tokens are being refreshed. */
  get running(): number {
    return this.#running.size;
  }

  /**
   * A record whose access token can be used. A token that has not expired yet is refreshed in the background.
   * @returns undefined for a session that is over
   * @throws ProblemError (rejects) where the token has expired and the provider does not respond
   */
  fresh(name: string, record: SessionRecord): SessionRecord | Promise<SessionRecord | undefined> {
    if (!this.#isDue(record)) return record;
    if (record.refreshToken === undefined) return this.#isExpired(record) ? this.#over(name) : record;
    const refreshed = this.#once(name);
    if (this.#isExpired(record)) return refreshed;
    refreshed.catch(() => undefined);
    return record;
  }

  #isDue({ expiresAt, receivedAt }: SessionRecord): boolean {
    const { aheadMs, clock } = this.#options;
    if (expiresAt === undefined) return false;
    // Tokens that live shorter than the margin would be refreshed with each request.
    return clock.wallTime() >= expiresAt - Math.min(aheadMs, (expiresAt - receivedAt) / 2);
  }

  #isExpired({ expiresAt = Number.POSITIVE_INFINITY }: SessionRecord): boolean {
    return this.#options.clock.wallTime() >= expiresAt;
  }

  #once(name: string): Promise<SessionRecord | undefined> {
    let running = this.#running.get(name);
    if (running === undefined) {
      running = this.#amongProcesses(name).finally(() => this.#running.delete(name));
      this.#running.set(name, running);
    }
    return running;
  }

  async #amongProcesses(name: string): Promise<SessionRecord | undefined> {
    const { records, providerOf, clock } = this.#options;
    for (let deadline = Number.POSITIVE_INFINITY; ; await pause(clock, lookMs)) {
      const record = await records.read(name, clock.wallTime());
      if (record === undefined || !this.#isDue(record)) return record;
      const provider = providerOf(record.provider);
      // The policy has lost the provider of this session.
      if (provider === undefined) return this.#over(name);
      const lockMs = provider.options.timeoutMs + storeAttempts * storeAgainMs + lockMarginMs;
      if (deadline === Number.POSITIVE_INFINITY) deadline = clock.now() + lockMs;
      const unlock = await records.store.lock(name, lockMs);
      if (unlock !== undefined) {
        try {
          return await this.#refresh(name, provider);
        } finally {
          await unlock().catch(() => undefined);
        }
      }
      if (clock.now() > deadline)
        throw new ProblemError('GW_UPSTREAM_FAILED', { detail: 'The session cannot be refreshed' });
    }
  }

  /** With the lock. The record is read again, because another process may have refreshed it before. */
  async #refresh(name: string, provider: OpenIdProvider): Promise<SessionRecord | undefined> {
    const { records, clock } = this.#options;
    const record = await records.read(name, clock.wallTime());
    if (record?.refreshToken === undefined || !this.#isDue(record)) return record;
    let tokens: ReceivedTokens;
    try {
      tokens = await provider.refresh(record.refreshToken, record.tokenKey);
    } catch (error) {
      // RFC 10017 section 6.1.2.2: a session ends with its refresh token.
      if (error instanceof GrantRefused) return this.#over(name);
      throw error;
    }
    // OpenID Connect Core section 12.2: another subject is another login.
    if (tokens.claims !== undefined && tokens.claims.sub !== record.claims.sub) return this.#over(name);
    const next = withTokens(record, tokens, clock.wallTime(), provider.options.idTokenHint === true);
    return (await this.#stored(name, next)) ? next : undefined;
  }

  async #stored(name: string, record: SessionRecord): Promise<boolean> {
    const { records, clock } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await records.replace(name, record);
      } catch (error) {
        if (attempt === storeAttempts) throw error;
        await pause(clock, storeAgainMs);
      }
    }
  }

  async #over(name: string): Promise<undefined> {
    await this.#options.records.store.remove([name]);
    return undefined;
  }
}

/** The record of a session after a refresh: members that the response leaves out stay, those that this release does not know too. */
function withTokens(
  record: SessionRecord,
  { accessToken, expiresInSeconds, refreshToken, refreshExpiresInSeconds, scopes, idToken, claims }: ReceivedTokens,
  now: number,
  keepIdToken: boolean,
): SessionRecord {
  const { expiresAt: _old, ...rest } = record;
  const refreshEnd = refreshExpiresInSeconds === undefined ? record.endsAt : now + refreshExpiresInSeconds * 1000;
  return {
    ...rest,
    accessToken,
    receivedAt: now,
    ...(expiresInSeconds !== undefined && { expiresAt: now + expiresInSeconds * 1000 }),
    ...(refreshToken !== undefined && { refreshToken }),
    ...(scopes !== undefined && { scopes }),
    ...(idToken !== undefined && keepIdToken && { idToken }),
    ...(claims !== undefined && { claims: { ...record.claims, ...claims } }),
    endsAt: Math.min(record.endsAt, refreshEnd),
  };
}

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimer(resolve, ms);
  });
