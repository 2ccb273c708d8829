import { hash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { createGateway, type Gateway } from '@frontage/gateway';
import { ManualClock } from '@frontage/testing/manual-clock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Issuer, signingKey, tokenOf, type SigningKey } from '../../libs/auth/src/fixtures/issuer.js';
import { proofOf, thumbprintOf, type ProofClaims } from '../../libs/auth/src/fixtures/proof.js';
import { ask, type Answer, type Fields } from '../access/session-world.js';
import { policyFile } from '../access/policy-file.js';

const reached = { count: 0 };

@Controller()
class Routes {
  @Access({ scope: 'home:read' })
  @Get('me')
  me(@Caller() { subject }: Caller): object {
    reached.count++;
    return { subject };
  }
  @Access({ scope: 'home:read' })
  @Post('me')
  @HttpCode(200)
  change(): object {
    reached.count++;
    return {};
  }
  @Access({ scope: 'home:read' })
  @Get('other')
  other(): object {
    reached.count++;
    return {};
  }
}

const base = 'https://shop.example/bff';
let issuer: Issuer;
let signing: SigningKey;
let ours: SigningKey;
let thief: SigningKey;
let clock: ManualClock;
let gateway: Gateway;
let url = '';
let log = '';
let bound: string;
let unbound: string;

beforeAll(async () => {
  [signing, ours, thief] = await Promise.all([
    signingKey('k', 'ES256'),
    signingKey('ours', 'ES256'),
    signingKey('thief', 'ES256'),
  ]);
  issuer = await Issuer.start(signing);
});
afterAll(() => issuer.stop());

/** Starts the app with this rule for the issuer. */
const start = (rule: string, more = ''): Promise<void> =>
  startWith(
    `  jwt: { issuer: '${issuer.issuer}', audience: mobile-bff, jwks: '${issuer.jwks}', algorithms: [ES256]${rule} }\n${more}`,
  );

async function startWith(access: string): Promise<void> {
  clock = new ManualClock(Date.now());
  const file = policyFile(`access:\n${access}`);
  log = `${file}.log`;
  const loaded = loadConfig(file, { env: {}, environment: 'test' });
  gateway = createGateway({ module: class {}, controllers: [Routes] }, { loaded, clock });
  ({ url } = await gateway.start());
  bound = await tokenOf(signing, { cnf: { jkt: await thumbprintOf(ours) } });
  unbound = await tokenOf(signing);
}

const now = (): number => Math.floor(clock.wallTime() / 1000);
const good = (): ProofClaims => ({
  htm: 'GET',
  htu: `${base}/me`,
  iat: now(),
  jti: crypto.randomUUID(),
  ath: hash('sha256', bound, 'base64url'),
});

interface Attempt {
  readonly claims?: ProofClaims;
  readonly header?: Record<string, unknown>;
  readonly key?: SigningKey;
  readonly token?: string;
  readonly scheme?: string;
  readonly path?: string;
  readonly method?: string;
  /** In place of the proof. */
  readonly fields?: Fields;
}

const proofFor = ({ claims = {}, header = {}, key = ours }: Attempt): Promise<string> =>
  proofOf(key, { ...good(), ...claims }, header);

async function attempt(given: Attempt = {}): Promise<Answer> {
  const { token = bound, scheme = 'DPoP', path = '/me', method = 'GET' } = given;
  const fields = given.fields ?? { dpop: await proofFor(given) };
  return ask(url + path, method, { authorization: `${scheme} ${token}`, ...fields });
}

const challengeOf = ({ status, headers }: Answer): readonly [number, string | undefined] => [
  status,
  /error="(\w+)"/.exec(headers['www-authenticate'] ?? '')?.[1],
];

describe('A20 a token that is bound to a key', () => {
  beforeAll(() => start(', dpop: accepted', `  dpop: { url: ${base}, maxAge: 1m }\n`));
  afterAll(() => gateway.close());
  beforeEach(() => void (reached.count = 0));

  it.each<[string, Attempt]>([
    ['with a proof', {}],
    ['a second time, with another proof', {}],
    ['in a scheme of other letters', { scheme: 'dPoP' }],
    ['with a query, which no proof has', { path: '/me?a=b' }],
    ['with a query in its proof, which is not compared', { claims: { htu: `${base}/me?x=y#z` } }],
    ['with another spelling of its address', { claims: { htu: 'HTTPS://SHOP.EXAMPLE:443/bff/%6d%65' } }],
    ['with another method', { method: 'POST', claims: { htm: 'POST' } }],
  ])('is accepted %s', async (_name, given) => {
    expect((await attempt(given)).status).toBe(200);
    expect(reached.count).toBe(1);
  });

  it.each<[string, () => Attempt]>([
    ['with the proof of another method', () => ({ claims: { htm: 'POST' } })],
    ['with the proof of a method in other letters', () => ({ claims: { htm: 'get' } })],
    ['with the proof of another route', () => ({ claims: { htu: `${base}/other` } })],
    ['with the proof of another host', () => ({ claims: { htu: 'https://evil.example/bff/me' } })],
    ['with the proof of another port', () => ({ claims: { htu: 'https://shop.example:444/bff/me' } })],
    ['with the proof for plain HTTP', () => ({ claims: { htu: 'http://shop.example/bff/me' } })],
    ['with the proof of the address that it came to', () => ({ claims: { htu: `${url}/me` } })],
    ['with the proof of no address', () => ({ claims: { htu: '/me' } })],
    ['with an address in a user name', () => ({ claims: { htu: 'https://shop.example@evil.example/bff/me' } })],
    ['with an address that has a user', () => ({ claims: { htu: 'https://ada@shop.example/bff/me' } })],
    ['with a proof of another key', () => ({ key: thief })],
    [
      'with a proof that names our key and was signed by another',
      () => ({ key: thief, header: { jwk: ours.publicJwk } }),
    ],
    ['with a proof of two minutes ago', () => ({ claims: { iat: now() - 120 } })],
    ['with a proof of the future', () => ({ claims: { iat: now() + 60 } })],
    ['with a time that is a text', () => ({ claims: { iat: String(now()) } })],
    ['with a proof without a time', () => ({ claims: { iat: undefined } })],
    ['with a proof without the token', () => ({ claims: { ath: undefined } })],
    ['with the proof of another token', () => ({ claims: { ath: hash('sha256', unbound, 'base64url') } })],
    ['with a proof without an id', () => ({ claims: { jti: undefined } })],
    ['with a proof with an empty id', () => ({ claims: { jti: '' } })],
    ['with a proof with a long id', () => ({ claims: { jti: 'j'.repeat(257) } })],
    ['with a proof without a method', () => ({ claims: { htm: undefined } })],
    ['with a proof of another type', () => ({ header: { typ: 'JWT' } })],
    ['with a proof without a type', () => ({ header: { typ: undefined } })],
    ['with a proof without its key', () => ({ header: { jwk: undefined } })],
    ['with a proof that has the secret key in it', () => ({ header: { jwk: { ...ours.publicJwk, d: 'AAAA' } } })],
    ['with a proof of an algorithm with a shared secret', () => ({ header: { alg: 'HS256' } })],
    ['with a proof that nothing signs', () => ({ header: { alg: 'none' } })],
    ['without a proof', () => ({ fields: {} })],
    ['with an empty proof', () => ({ fields: { dpop: '' } })],
    ['with a proof that is no JWT', () => ({ fields: { dpop: 'proof' } })],
    ['with the token as its proof', () => ({ fields: { dpop: bound } })],
    ['with a long proof', () => ({ claims: { more: 'x'.repeat(4_096) } })],
  ])('is refused %s', async (_name, given) => {
    expect(challengeOf(await attempt(given()))).toEqual([401, 'invalid_dpop_proof']);
    expect(reached.count).toBe(0);
  });

  it('is named as a scheme to a request without a token, and to one that is refused', async () => {
    const algs = /^Bearer(?: error="invalid_token")?, DPoP algs="[^"]*\bES256\b[^"]*"$/;
    const none = await ask(`${url}/me`, 'GET', {});
    const expired = await attempt({ token: await tokenOf(signing, { exp: 1 }), scheme: 'Bearer', fields: {} });
    for (const { status, headers } of [none, expired]) {
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toMatch(algs);
    }
  });

  it('is refused with two proofs', async () => {
    const two = [await proofFor({}), await proofFor({})];
    expect(challengeOf(await attempt({ fields: { dpop: two } }))).toEqual([401, 'invalid_dpop_proof']);
  });

  it('is refused with a proof that was used before, also for the same request', async () => {
    const fields = { dpop: await proofFor({}) };
    expect((await attempt({ fields })).status).toBe(200);
    expect(challengeOf(await attempt({ fields }))).toEqual([401, 'invalid_dpop_proof']);
    const both = { dpop: await proofFor({}) };
    const answers = await Promise.all([
      attempt({ fields: both }),
      attempt({ fields: both }),
      attempt({ fields: both }),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401]);
    expect(reached.count).toBe(2);
  });

  it('is refused as a bearer token, with a proof and without one', async () => {
    const attempts: readonly Fields[] = [{}, { dpop: await proofFor({}) }];
    for (const fields of attempts)
      expect(challengeOf(await attempt({ scheme: 'Bearer', fields }))).toEqual([401, 'invalid_token']);
    expect(reached.count).toBe(0);
    // The client is not told the reason; it stands in the log.
    const lines = async (): Promise<string> => {
      await clock.advance(100);
      return readFileSync(log, 'utf8');
    };
    await expect.poll(lines).toContain('that was not proven');
  });

  it('cannot be used without a proof after it was used with one', async () => {
    expect((await attempt()).status).toBe(200);
    expect((await attempt({ fields: {} })).status).toBe(401);
    expect((await attempt({ scheme: 'Bearer' })).status).toBe(401);
  });

  it('is bound to one key', async () => {
    const jkt = await thumbprintOf(ours);
    for (const cnf of [{ jkt, 'x5t#S256': jkt }, { jkt: [jkt] }, { jkt: `${jkt}=` }, { kid: jkt }, {}, null, jkt]) {
      const token = await tokenOf(signing, { cnf });
      const ath = hash('sha256', token, 'base64url');
      expect((await attempt({ token, claims: { ath } })).status, JSON.stringify(cnf)).toBe(401);
    }
  });

  it('stands beside tokens that are bound to nothing, which cannot pretend to be bound', async () => {
    expect((await attempt({ token: unbound, scheme: 'Bearer', fields: {} })).status).toBe(200);
    const ath = hash('sha256', unbound, 'base64url');
    expect((await attempt({ token: unbound, claims: { ath } })).status).toBe(401);
    expect((await attempt({ token: unbound, scheme: 'Bearer', fields: {} })).status).toBe(200);
  });

  it('is taken on the second its proof is as old as policy allows, and not later', async () => {
    const fields = { dpop: await proofFor({}) };
    await clock.advance(59_000);
    expect((await attempt({ fields })).status).toBe(200);
    const late = { dpop: await proofFor({ claims: { iat: now() - 61 } }) };
    expect((await attempt({ fields: late })).status).toBe(401);
  });
});

describe('A20 an issuer whose tokens must be bound', () => {
  beforeAll(() => start(', dpop: required', `  dpop: { url: ${base} }\n`));
  afterAll(() => gateway.close());

  it('has no bearer tokens', async () => {
    expect((await attempt()).status).toBe(200);
    expect((await attempt({ token: unbound, scheme: 'Bearer', fields: {} })).status).toBe(401);
    const ofCertificate = await tokenOf(signing, { cnf: { 'x5t#S256': await thumbprintOf(ours) } });
    expect((await attempt({ token: ofCertificate, scheme: 'Bearer', fields: {} })).status).toBe(401);
  });
});

describe('A20 an issuer without dpop in its policy', () => {
  beforeAll(() => start(''));
  afterAll(() => gateway.close());

  it('has no tokens that are bound to a key', async () => {
    for (const scheme of ['DPoP', 'Bearer']) {
      expect((await attempt({ scheme })).status).toBe(401);
      expect((await attempt({ scheme, fields: {} })).status).toBe(401);
    }
    expect((await attempt({ token: unbound, scheme: 'Bearer', fields: {} })).status).toBe(200);
  });
});

describe('A20 an opaque token that is bound to a key', () => {
  let server: Server;
  beforeAll(async () => {
    const jkt = await thumbprintOf(ours);
    const active = { active: true, sub: 'ada', scope: 'home:read' };
    const known: Record<string, object> = {
      bound: { ...active, token_type: 'DPoP', cnf: { jkt } },
      unbound: { ...active, token_type: 'Bearer' },
      odd: { ...active, token_type: 'DPoP' },
    };
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const answer = known[new URLSearchParams(body).get('token') ?? ''] ?? { active: false };
        response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // a TCP server that listens has such an address
    const at = `url: 'http://127.0.0.1:${port}/', clientId: shop, clientSecret: secret, audience: off`;
    await startWith(`  dpop: { url: ${base} }\n  introspection: { ${at}, dpop: accepted }\n`);
  });
  afterAll(async () => {
    await gateway.close();
    server.close();
  });

  it('needs the proof, each time', async () => {
    const claims = { ath: hash('sha256', 'bound', 'base64url') };
    for (let round = 0; round < 2; round++) {
      expect((await attempt({ token: 'bound', claims })).status).toBe(200);
      expect((await attempt({ token: 'bound', claims, key: thief })).status).toBe(401);
      expect((await attempt({ token: 'bound', fields: {} })).status).toBe(401);
      expect((await attempt({ token: 'bound', scheme: 'Bearer' })).status).toBe(401);
    }
    expect((await attempt({ token: 'unbound', scheme: 'Bearer', fields: {} })).status).toBe(200);
    expect((await attempt({ token: 'odd', claims: { ath: hash('sha256', 'odd', 'base64url') } })).status).toBe(401);
  });
});
