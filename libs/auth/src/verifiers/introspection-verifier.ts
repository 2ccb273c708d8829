import { CircuitBreaker } from '@frontage/breaker';
import { ProblemError, type Clock } from '@frontage/core';
import type { JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type { IssuerAgent, LazyHttp } from '../keys/jwks-fetch.js';
import type { IntrospectionSettings } from '../options/introspection.options.js';
import { bindingOf } from '../token/binding.js';
import { Claims } from '../token/claims.js';
import { lasting, type Proof, type Prover } from '../token/proof.js';
import { refusedToken } from '../token/refusals.js';
import { VerifiedTokens } from '../token/verified-tokens.js';

/** An inactive token is not asked about again for this long, in milliseconds: a flood of one bad token costs one call. */
const inactiveMs = 5_000;
const maxInactive = 10_000;
const maxResponseBytes = 65_536;

/** Verifies opaque tokens by asking the authorization server about them (RFC 7662). Where it does not respond, no token is accepted. */
export class IntrospectionVerifier implements Prover {
  readonly #settings: IntrospectionSettings;
  readonly #http: LazyHttp;
  readonly #agent: IssuerAgent | undefined;
  readonly #clock: Clock;
  readonly #claims: Claims;
  readonly #breaker: CircuitBreaker;
  readonly #inactive = new LRUCache<string, number>({ max: maxInactive });
  /** Requests for the same token share one call. */
  readonly #asking = new Map<string, Promise<Proof>>();

  constructor(settings: IntrospectionSettings, http: LazyHttp, clock: Clock, agent?: IssuerAgent) {
    this.#settings = settings;
    this.#http = http;
    this.#clock = clock;
    this.#agent = agent;
    this.#claims = new Claims(settings);
    this.#breaker = new CircuitBreaker('introspection', settings.breaker, clock);
  }

  /** Loads the HTTP library. */
  prepare(): void {
    this.#http().catch(() => undefined);
  }

  prove(token: string): Promise<Proof> {
    const digest = VerifiedTokens.digest(token);
    if ((this.#inactive.get(digest) ?? 0) > this.#clock.now())
      return Promise.reject(
        refusedToken(new Error('the authorization server said a moment ago that it is not active')),
      );
    let asked = this.#asking.get(digest);
    if (asked === undefined) {
      asked = this.#ask(token, digest).finally(() => this.#asking.delete(digest));
      this.#asking.set(digest, asked);
    }
    return asked;
  }

  async #ask(token: string, digest: string): Promise<Proof> {
    const claims = await this.#response(token);
    try {
      return this.#proofOf(token, claims);
    } catch (reason) {
      this.#inactive.set(digest, this.#clock.now() + inactiveMs);
      throw refusedToken(reason);
    }
  }

  /** RFC 7662 section 2.2. */
  #proofOf(token: string, claims: Readonly<Record<string, unknown>>): Proof {
    const { issuer, audience, cacheMs, clockSkewMs, dpop } = this.#settings;
    if (claims['active'] !== true) throw new Error('the authorization server says that it is not active');
    const now = this.#clock.wallTime();
    const exp = timeOf(claims, 'exp');
    const nbf = timeOf(claims, 'nbf');
    const iat = timeOf(claims, 'iat');
    if (exp !== undefined && exp + clockSkewMs <= now) throw new Error('"exp" has passed');
    if (nbf !== undefined && nbf - clockSkewMs > now) throw new Error('"nbf" is in the future');
    if (issuer !== undefined && claims['iss'] !== issuer) throw new Error('"iss" is another issuer');
    if (audience.length > 0) this.#claims.assertAudience(claims);
    const boundTo = bindingOf(claims, dpop);
    // A refresh token and an ID token are active too. RFC 6749 section 7.1: a type is compared without regard to case.
    const kind = claims['token_type'];
    const isKind = (name: string): boolean => typeof kind === 'string' && kind.toLowerCase() === name;
    if (kind !== undefined && !isKind('bearer') && !(isKind('dpop') && boundTo?.kind === 'key'))
      throw new Error('"token_type" is not Bearer');
    const use = claims['token_use'];
    if (use !== undefined && use !== 'access_token' && use !== 'access')
      throw new Error('"token_use" is no access token');
    this.#claims.assertRequired(claims, true);
    const caller = this.#claims.callerOf(withSubject(claims));
    const leftMs = Math.min(cacheMs, exp === undefined ? cacheMs : exp - now);
    const id = claims['jti'];
    return {
      caller,
      facts: {
        subject: caller.subject,
        ...(typeof id === 'string' && { id }),
        ...(iat !== undefined && { issuedAt: iat }),
      },
      credential: token,
      until: this.#clock.now() + leftMs,
      ground: lasting,
      generation: 0,
      ...(boundTo !== undefined && { boundTo }),
    };
  }

  async #response(token: string): Promise<Readonly<Record<string, unknown>>> {
    const permit = this.#breaker.tryAcquire();
    if (permit === undefined)
      throw new ProblemError('GW_UPSTREAM_OPEN_CIRCUIT', { detail: 'Tokens cannot be verified at the moment' });
    try {
      const claims = await this.#fetched(token);
      permit.succeed();
      return claims;
    } catch (cause) {
      permit.fail();
      throw new ProblemError('GW_UPSTREAM_FAILED', { detail: 'Tokens cannot be verified at the moment', cause });
    }
  }

  async #fetched(token: string): Promise<Readonly<Record<string, unknown>>> {
    const { url, timeoutMs, clientId, clientSecret } = this.#settings;
    // RFC 6749 section 2.3.1: both are form-encoded before they are joined.
    const login = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
    const { axiosRef } = await this.#http();
    const response = await axiosRef
      .post<string>(url.href, new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(), {
        headers: {
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          authorization: `Basic ${Buffer.from(login).toString('base64')}`,
        },
        maxRedirects: 0,
        ...(this.#agent?.isProxied !== true && { proxy: false }),
        ...(this.#agent && { httpAgent: this.#agent.agent, httpsAgent: this.#agent.agent }),
        maxContentLength: maxResponseBytes,
        responseType: 'text',
        transformResponse: (body: string) => body,
        signal: AbortSignal.timeout(timeoutMs),
        validateStatus: (status) => status === 200,
      })
      .catch((error: unknown) => {
        // The error of axios holds the request, and with it the token and the secret.
        throw new Error(`introspection failed: ${error instanceof Error ? error.message : 'no response'}`);
      });
    const parsed: unknown = JSON.parse(response.data);
    if (!isObject(parsed) || typeof parsed['active'] !== 'boolean')
      throw new Error('the response of the introspection has no "active" (RFC 7662 section 2.2)');
    return parsed;
  }
}

/** A token of a client without a user has no `sub`. */
function withSubject(claims: Readonly<Record<string, unknown>>): JWTPayload {
  const { sub, client_id: client } = claims;
  return sub === undefined && typeof client === 'string' && client !== ''
    ? { ...claims, sub: `client:${client}` }
    : claims;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const formEncoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);

/** Milliseconds of a NumericDate. @throws Error for one of another type */
function timeOf(claims: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value * 1000;
  throw new Error(`"${name}" is no number`);
}
