import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ProblemError, systemClock } from '@frontage/core';
import { jwtVerify, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signingKey, type SigningKey } from '../../../auth/src/fixtures/issuer.js';
import type { SessionProviderOptions } from '../options/sessions.options.js';
import { OpenIdProvider } from './openid-provider.js';
import { GrantRefused } from './refusals.js';

const checks = { state: 's'.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43) };

/** A provider as a BFF sees it, which can be made to fail. */
class FakeProvider {
  readonly requests: {
    readonly path: string;
    readonly form: URLSearchParams;
    readonly authorization: string | undefined;
  }[] = [];
  metadata: Readonly<Record<string, unknown>> = {};
  idToken: Readonly<Record<string, unknown>> = {};
  respond: ((path: string, response: ServerResponse) => boolean) | undefined;
  key!: SigningKey;
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<void> {
    this.key = await signingKey('k', 'ES256');
    this.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => this.#server.once('listening', resolve));
  }

  get issuer(): string {
    const { port } = this.#server.address() as AddressInfo; // a TCP server that listens has such an address
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
    const { url: path = '', headers } = request;
    this.requests.push({ path, form: new URLSearchParams(body), authorization: headers.authorization });
    if (this.respond?.(path, response) === true) return;
    const send = (value: object, status = 200): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    const { issuer } = this;
    if (path === '/.well-known/openid-configuration') {
      const endpoints = {
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
      };
      return send({ issuer, ...endpoints, id_token_signing_alg_values_supported: ['ES256'], ...this.metadata });
    }
    if (path === '/jwks') return send({ keys: [this.key.publicJwk] });
    if (path === '/par') return send({ request_uri: 'urn:pushed:1', expires_in: 60 }, 201);
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: 'shop',
      sub: 'ada',
      iat: now,
      exp: now + 60,
      nonce: checks.nonce,
      ...this.idToken,
    };
    const idToken = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(this.key.privateKey);
    return send({ access_token: 'access', token_type: 'Bearer', expires_in: 60, id_token: idToken });
  }
}

let fake: FakeProvider;
beforeEach(async () => {
  fake = new FakeProvider();
  await fake.start();
});
afterEach(() => fake.stop());

function providerWith(more: Partial<SessionProviderOptions> = {}): OpenIdProvider {
  const { issuer } = fake;
  const options: SessionProviderOptions = {
    name: 'main',
    issuer,
    clientId: 'shop',
    ...(more.privateKey === undefined && { clientSecret: 'secret' }),
    scopes: ['home:read'],
    subjectPrefix: '',
    rolesClaim: ['roles'],
    tenantClaim: 'tenant',
    claims: {},
    timeoutMs: 5_000,
    ...more,
  };
  return new OpenIdProvider(options, { url: 'https://shop.example', clock: systemClock });
}
const exchange = (provider: OpenIdProvider) => provider.exchange(`?code=c&state=${checks.state}`, checks);
const tokenRequest = () => fake.requests.find(({ path }) => path === '/token');

describe('the proof of the client', () => {
  it('is the secret in the header, or in the form', async () => {
    await exchange(providerWith());
    expect(tokenRequest()?.authorization).toBe(`Basic ${Buffer.from('shop:secret').toString('base64')}`);
    expect(tokenRequest()?.form.has('client_secret')).toBe(false);
    fake.requests.splice(0);
    await exchange(providerWith({ clientAuthentication: 'client_secret_post' }));
    expect([tokenRequest()?.authorization, tokenRequest()?.form.get('client_secret')]).toEqual([undefined, 'secret']);
  });

  it('is a signature of its private key (RFC 7523)', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
    await exchange(providerWith({ privateKey: () => Promise.resolve(pem), privateKeyId: 'k1' }));
    const form = tokenRequest()?.form;
    expect([form?.get('client_assertion_type'), form?.has('client_secret'), tokenRequest()?.authorization]).toEqual([
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      false,
      undefined,
    ]);
    const { payload, protectedHeader } = await jwtVerify(form?.get('client_assertion') ?? '', createPublicKey(pem));
    expect([payload.iss, payload.sub, protectedHeader.kid]).toEqual(['shop', 'shop', 'k1']);
  });
});

describe('an authorization request', () => {
  it('has the redirect URI, the challenge and what policy adds', async () => {
    const url = await providerWith({ parameters: { audience: 'api' } }).authorizationUrl(checks, { prompt: 'login' });
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'shop',
      response_type: 'code',
      redirect_uri: 'https://shop.example/callback/main',
      scope: 'openid home:read',
      code_challenge: createHash('sha256').update(checks.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state: checks.state,
      nonce: checks.nonce,
      audience: 'api',
      prompt: 'login',
    });
  });

  it.each([
    ['policy says so', { pushedRequests: true }, {}],
    ['the provider requires it', {}, { require_pushed_authorization_requests: true }],
  ])('goes by the back channel where %s (RFC 9126)', async (_, options, metadata) => {
    fake.metadata = { pushed_authorization_request_endpoint: `${fake.issuer}/par`, ...metadata };
    const url = await providerWith(options).authorizationUrl(checks, {});
    expect(Object.fromEntries(url.searchParams)).toEqual({ client_id: 'shop', request_uri: 'urn:pushed:1' });
    expect(fake.requests.find(({ path }) => path === '/par')?.form.get('state')).toBe(checks.state);
  });
});

describe('an ID token', () => {
  const past = Math.floor(Date.now() / 1000) - 600;
  it.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another client', { aud: 'other' }],
    ['of another login', { nonce: 'x' }],
    ['that has expired', { iat: past, exp: past + 60 }],
  ])('%s is refused', async (_, claims) => {
    fake.idToken = claims;
    await expect(exchange(providerWith())).rejects.toBeInstanceOf(GrantRefused);
  });

  it('that another key has signed is not taken', async () => {
    const published = fake.key;
    fake.key = { ...(await signingKey('k', 'ES256')), publicJwk: published.publicJwk };
    await expect(exchange(providerWith())).rejects.toThrow();
  });

  it('that is right gives its claims', async () => {
    await expect(exchange(providerWith())).resolves.toMatchObject({
      accessToken: 'access',
      expiresInSeconds: 60,
      claims: { sub: 'ada' },
    });
  });
});

describe('a provider that fails', () => {
  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    const error: unknown = await work.catch((cause: unknown) => cause);
    return error instanceof ProblemError ? error.code : `no problem: ${String(error)}`;
  };

  it('is not followed to another host, and not read without end', async () => {
    for (const respond of [
      (response: ServerResponse) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      (response: ServerResponse) => response.end('x'.repeat(2_000_000)),
      (response: ServerResponse) => response.destroy(),
      (response: ServerResponse) => response.writeHead(500).end('{}'),
    ]) {
      fake.respond = (_path, response) => {
        respond(response);
        return true;
      };
      expect(await codeOf(providerWith().authorizationUrl(checks, {}))).toBe('GW_UPSTREAM_FAILED');
    }
  });

  it('is asked again with the next login, until the circuit opens', async () => {
    const provider = providerWith();
    fake.respond = (_path, response) => {
      response.writeHead(503).end();
      return true;
    };
    const codes: string[] = [];
    for (let login = 0; login < 7; login++) codes.push(await codeOf(provider.authorizationUrl(checks, {})));
    expect(codes.slice(0, 5)).toEqual(Array(5).fill('GW_UPSTREAM_FAILED'));
    expect(codes.slice(5)).toEqual(Array(2).fill('GW_UPSTREAM_OPEN_CIRCUIT'));
    expect(fake.requests).toHaveLength(5);
  });

  it('is discovered once for many logins', async () => {
    const provider = providerWith();
    await Promise.all(Array.from({ length: 5 }, () => provider.authorizationUrl(checks, {})));
    expect(fake.requests.map(({ path }) => path)).toEqual(['/.well-known/openid-configuration']);
  });
});
