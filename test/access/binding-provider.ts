import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { systemClock, type Clock } from '@frontage/core';
import { ProofsOfKeys } from '../../libs/auth/src/dpop/proof-of-key.js';
import { signingKey, tokenOf, type SigningKey } from '../../libs/auth/src/fixtures/issuer.js';
import { proofIn } from '../../libs/auth/src/fixtures/proof.js';

/** A server of RFC 9449 that demands its nonce, which changes when the test says so. */
export class ProofServer {
  nonce: string = randomUUID();
  /** Requests so far that were told the nonce. */
  told = 0;
  clock: Clock = systemClock;
  #proofs: ProofsOfKeys | undefined;

  /** The thumbprint of the key that a request has proven; undefined where it was told the nonce. @throws for a proof that is not good */
  async provenBy(url: string, request: IncomingMessage, response: ServerResponse): Promise<string | undefined> {
    const { thumbprint, claims } = await proofIn(request.headers['dpop']);
    response.setHeader('dpop-nonce', this.nonce);
    if (claims['nonce'] !== this.nonce) {
      this.told++;
      return undefined;
    }
    const token = /^DPoP (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (token !== '') {
      this.#proofs ??= new ProofsOfKeys({ url, maxAgeMs: 60_000, maxProofs: 1_000 }, this.clock);
      await this.#proofs.take(request, token, thumbprint);
    }
    return thumbprint;
  }
}

/** An OpenID provider that binds its tokens to keys, and knows one user. */
export class BindingProvider {
  readonly proofs = new ProofServer();
  /** False: it gives bearer tokens, whatever it is asked for. */
  binds = true;
  expiresIn = 300;
  /** Thumbprints of the keys of all grants, in order. */
  readonly grants: (readonly [string | null, string])[] = [];
  readonly #key: SigningKey;
  readonly #refreshTokens = new Map<string, string>();
  readonly #nonces = new Map<string, string>();
  readonly #server: Server = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) =>
      response.writeHead(400).end(JSON.stringify({ error: 'invalid_dpop_proof', error_description: String(error) })),
    );
  });

  private constructor(key: SigningKey) {
    this.#key = key;
  }

  static async start(): Promise<BindingProvider> {
    const provider = new BindingProvider(await signingKey('k', 'ES256'));
    provider.#server.listen(0, '127.0.0.1');
    await once(provider.#server, 'listening');
    return provider;
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
    const { issuer } = this;
    const url = new URL(request.url ?? '/', issuer);
    const send = (value: object, status = 200): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (url.pathname === '/.well-known/openid-configuration') {
      const [authorization_endpoint, token_endpoint, jwks_uri] = ['authorize', 'token', 'jwks'].map(
        (path) => `${issuer}/${path}`,
      );
      return send({
        issuer,
        authorization_endpoint,
        token_endpoint,
        jwks_uri,
        dpop_signing_alg_values_supported: ['ES256'],
        id_token_signing_alg_values_supported: ['ES256'],
      });
    }
    if (url.pathname === '/jwks') return send({ keys: [this.#key.publicJwk] });
    if (url.pathname === '/authorize') {
      const code = randomUUID();
      this.#nonces.set(code, url.searchParams.get('nonce') ?? '');
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ code, state: url.searchParams.get('state') ?? '' }).toString();
      response.writeHead(303, { location: back.href }).end();
      return undefined;
    }
    const form = new URLSearchParams(await text(request));
    const jkt = await this.proofs.provenBy(issuer, request, response);
    if (jkt === undefined) return send({ error: 'use_dpop_nonce' }, 400);
    return this.#grant(form, jkt, send);
  }

  async #grant(form: URLSearchParams, jkt: string, send: (value: object, status?: number) => void): Promise<void> {
    const old = form.get('refresh_token');
    if (old !== null && this.#refreshTokens.get(old) !== jkt) return send({ error: 'invalid_grant' }, 400);
    if (old !== null) this.#refreshTokens.delete(old);
    this.grants.push([form.get('grant_type'), jkt]);
    const refresh = randomUUID();
    this.#refreshTokens.set(refresh, jkt);
    const { issuer } = this;
    const bound = this.binds ? { cnf: { jkt } } : {};
    const nonce = this.#nonces.get(form.get('code') ?? '');
    return send({
      access_token: await tokenOf(this.#key, { iss: issuer, jti: randomUUID(), ...bound }),
      token_type: this.binds ? 'DPoP' : 'Bearer',
      expires_in: this.expiresIn,
      refresh_token: refresh,
      scope: 'home:read',
      id_token: await tokenOf(this.#key, { iss: issuer, aud: 'shop', nonce }, { typ: 'JWT' }),
    });
  }
}
