import { isLoopback } from '@frontage/core';
import type { CircuitBreakerOptions } from '@frontage/breaker';
import type { DpopRule } from './dpop.options.js';
import { claimList, listOf, type ClaimSettings } from './jwt.options.js';

/** The authorization server that says whether an opaque token is active (RFC 7662). */
export interface IntrospectionOptions {
  /** `https:` address of the introspection endpoint; `http:` only on this machine. Redirects are refused. */
  readonly url: string;
  /** The proxy to ask through. @default none */
  readonly proxy?: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The response must name this issuer in `iss`. @default not compared */
  readonly issuer?: string;
  /** The accepted audiences; empty: the server decides by the client that asks. */
  readonly audience: readonly string[];
  readonly scopeClaim: readonly string[];
  readonly rolesClaim: readonly string[];
  readonly tenantClaim: string;
  readonly requiredClaims?: readonly string[];
  readonly claims: ClaimSettings['claims'];
  /** @default tokens that are bound to a key are refused */
  readonly dpop?: DpopRule;
  /** The time for which an active token is accepted without another question, 0 to 60,000 ms, never beyond its `exp`. */
  readonly cacheMs: number;
  /** Milliseconds for one question. */
  readonly timeoutMs: number;
  /** Accepted difference to the clock of the server, in milliseconds. */
  readonly clockSkewMs: number;
  readonly breaker: CircuitBreakerOptions;
}

/** {@link IntrospectionOptions} checked and complete. */
export interface IntrospectionSettings extends ClaimSettings {
  readonly url: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly issuer: string | undefined;
  readonly dpop: DpopRule | undefined;
  readonly cacheMs: number;
  readonly timeoutMs: number;
  readonly clockSkewMs: number;
  readonly breaker: CircuitBreakerOptions;
}

/** @throws TypeError that names the option, what was found and what to write instead */
export function introspectionSettings(options: IntrospectionOptions): IntrospectionSettings {
  const url = new URL(options.url);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    throw new TypeError(
      `introspection.url: found ${url.protocol}//${url.host}; write an https: address, because tokens go there`,
    );
  return {
    url,
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    issuer: options.issuer,
    dpop: options.dpop,
    audience: listOf(options.audience),
    audienceClaim: 'aud',
    scopeClaims: claimList('introspection.scopeClaim', options.scopeClaim),
    rolesClaims: claimList('introspection.rolesClaim', options.rolesClaim),
    tenantClaim: options.tenantClaim,
    requiredClaims: options.requiredClaims,
    claims: options.claims,
    subjectPrefix: '',
    cacheMs: options.cacheMs,
    timeoutMs: options.timeoutMs,
    clockSkewMs: options.clockSkewMs,
    breaker: options.breaker,
  };
}
