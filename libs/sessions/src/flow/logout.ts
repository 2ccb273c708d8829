import { channels, type Clock, type Warning } from '@frontage/core';
import type { LogoutTokens } from '../provider/logout-token.js';
import type { OpenIdProvider } from '../provider/openid-provider.js';
import type { SealedRecords } from '../records/sealed-records.js';
import type { SessionRecord } from '../records/session-record.js';

export interface LogoutOptions {
  readonly records: SealedRecords;
  readonly providers: ReadonlyMap<string, OpenIdProvider>;
  readonly tokens: ReadonlyMap<string, LogoutTokens>;
  /** Address for the browser after the logout at the provider. */
  readonly afterLogout: string;
  readonly clock: Clock;
}

/** The groups of a session, under which a logout of the provider finds it. */
export function groupsOf({
  provider,
  claims: { sub, sid },
}: Pick<SessionRecord, 'provider' | 'claims'>): readonly string[] {
  return [groupOf(provider, 'sub', sub), ...(typeof sid === 'string' ? [groupOf(provider, 'sid', sid)] : [])];
}

const groupOf = (provider: string, kind: 'sub' | 'sid', value: string): string =>
  `${provider}:${kind}:${encodeURIComponent(value)}`;

/** Ends sessions: those that a user leaves, and those that the provider says are over. */
export class Logout {
  readonly #options: LogoutOptions;

  constructor(options: LogoutOptions) {
    this.#options = options;
  }

  /**
   * Ends a session, and revokes its tokens. The session is over although the provider does not respond.
   * @returns the address that the browser goes to, where the login at the provider ends too
   */
  async end(name: string, record: SessionRecord): Promise<string> {
    const { records, providers, afterLogout } = this.#options;
    await records.store.remove([name]);
    const provider = providers.get(record.provider);
    if (provider === undefined) return afterLogout;
    const revoked = [
      ...(record.refreshToken === undefined ? [] : [provider.revoke(record.refreshToken, 'refresh_token')]),
      provider.revoke(record.accessToken, 'access_token'),
    ];
    for (const result of await Promise.allSettled(revoked)) {
      if (result.status === 'rejected') warn(provider, result.reason);
    }
    const parameters = {
      post_logout_redirect_uri: afterLogout,
      ...(record.idToken !== undefined && { id_token_hint: record.idToken }),
    };
    return (await provider.endSessionUrl(parameters).catch(() => undefined)) ?? afterLogout;
  }

  /**
   * Ends the sessions that a logout token names (OpenID Connect Back-Channel Logout 1.0 section 2.7).
   * @throws Error (rejects) for a token that proves nothing
   */
  async backChannel(token: string): Promise<void> {
    const { records, providers, tokens, clock } = this.#options;
    // The claims, not verified, only choose the provider: its keys prove them.
    const { decodeJwt } = await import('jose');
    const { iss, aud } = decodeJwt(token);
    const audiences = new Set([aud ?? []].flat());
    const found = [...providers.values()].find(
      ({ options }) => options.issuer === iss && audiences.has(options.clientId),
    );
    const verifier = found && tokens.get(found.options.name);
    if (found === undefined || verifier === undefined) throw new Error('the token is of no provider of the policy');
    const { subject, sid, at } = await verifier.verify(token);
    const group =
      sid === undefined ? groupOf(found.options.name, 'sub', subject ?? '') : groupOf(found.options.name, 'sid', sid);
    for (const name of await records.store.find(group)) {
      const record = await records.read(name, clock.wallTime());
      // A login after the logout, which a slow message must not end. The times are those of two machines.
      const isLater = record !== undefined && sid === undefined && record.loggedInAt > at + clockSkewMs;
      if (!isLater) await records.store.remove([name]);
    }
  }
}

const clockSkewMs = 5_000;

function warn({ options }: OpenIdProvider, cause: unknown): void {
  const message = `the provider "${options.name}" did not revoke the tokens of a session that has ended`;
  if (channels.warning.hasSubscribers) channels.warning.publish({ from: 'sessions', message, cause } satisfies Warning);
}
