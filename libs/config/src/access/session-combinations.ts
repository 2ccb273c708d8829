import { isLoopback } from '@frontage/core';
import type { Path } from '../document/tree.js';
import type { SessionProviderConfig, SessionsConfig } from './access-config.js';
import { renderDuration } from '../schema/values/scalars.js';

type Refuse = (path: Path, message: string) => void;

/** Least characters of a secret that records are encrypted with: 32 random bytes in base64 have 44. */
const leastKeyLength = 32;

/** Parameters of an authorization request that the login makes itself, or that would weaken it. */
const ownParameters: ReadonlySet<string> = new Set(
  'client_id redirect_uri response_type response_mode scope state nonce code_challenge code_challenge_method request request_uri'.split(
    ' ',
  ),
);

/** Refuses values of `access.sessions` that contradict each other. */
export function checkSessions(sessions: SessionsConfig, hasStore: boolean, refuse: Refuse): void {
  const { url, providers, keys = [], keysFile, idleMs, lifetimeMs, csrfHeader } = sessions;
  const at = (...path: (string | number)[]): Path => ['access', 'sessions', ...path];
  if (isOpenHttp(url)) refuse(at('url'), 'cookies of sessions need TLS; write https: (http: is for this machine only)');
  if (Object.keys(providers).length === 0)
    refuse(at('providers'), 'there is no provider; add one: main: { issuer, clientId, clientSecret, scopes }');
  if (hasStore && keys.length === 0 && keysFile === undefined)
    refuse(
      at(),
      'sessions in redis need keys that all processes know; add keys: ["${SESSION_KEY}"] with the output of "openssl rand -base64 32", or keysFile',
    );
  for (const [index, key] of keys.entries()) {
    if (key.length < leastKeyLength)
      refuse(
        at('keys', index),
        `a key has ${leastKeyLength} characters or more; make one with "openssl rand -base64 32"`,
      );
  }
  if (idleMs > lifetimeMs)
    refuse(
      at('idle'),
      `idle (${renderDuration(idleMs)}) is longer than lifetime (${renderDuration(lifetimeMs)}), which ends the session before`,
    );
  if (['cookie', 'origin', 'authorization', 'content-type', 'accept'].includes(csrfHeader))
    refuse(at('csrfHeader'), `browsers send "${csrfHeader}" to other origins too; write x-csrf`);
  for (const [name, provider] of Object.entries(providers)) checkProvider(provider, at('providers', name), refuse);
}

/** Refuses a policy that hands the cookies of browsers on: they are the sessions (RELIABILITY A11). */
export function checkForwardedCookies(
  upstreams: Readonly<Record<string, { readonly forwardHeaders: readonly string[] }>>,
  refuse: Refuse,
): void {
  for (const [name, { forwardHeaders }] of Object.entries(upstreams)) {
    if (forwardHeaders.some((header) => header.toLowerCase() === 'cookie'))
      refuse(['upstreams', name, 'forwardHeaders'], '"cookie" has the sessions of browsers in it; take it out');
  }
}

function checkProvider(provider: SessionProviderConfig, place: Path, refuse: Refuse): void {
  const { issuer, clientSecret, privateKey, parameters } = provider;
  if (isOpenHttp(issuer))
    refuse(
      [...place, 'issuer'],
      'tokens and the secret of this app go there; write https: (http: is for this machine only)',
    );
  // RFC 10017: a BFF is a confidential client.
  if (clientSecret === undefined && privateKey === undefined)
    refuse(place, 'this app cannot prove itself there; add clientSecret or privateKey');
  if (clientSecret !== undefined && privateKey !== undefined)
    refuse([...place, 'privateKey'], 'there is a clientSecret too; keep one of the two');
  for (const name of Object.keys(parameters)) {
    if (ownParameters.has(name))
      refuse([...place, 'parameters', name], `the login writes "${name}" itself; take it out`);
  }
}

function isOpenHttp(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !isLoopback(hostname);
}
