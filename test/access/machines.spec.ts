import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { createGateway, type Gateway } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Issuer, signingKey, tokenOf, type SigningKey } from '../../libs/auth/src/fixtures/issuer.js';
import { runProgram } from '../../libs/generator/src/program.js';

@Controller()
class Orders {
  @Access({ scope: 'orders:read' })
  @RateClass('slow')
  @Get('orders')
  orders(@Caller() caller: Caller): Caller {
    return caller;
  }
  @Access({ scope: 'orders:write' })
  @Get('write')
  write(): string {
    return 'written';
  }
}

const root = mkdtempSync(join(tmpdir(), 'machines-'));
const app = join(root, 'apps/shop');
const second = Math.floor(Date.now() / 1_000);

/** An authorization server that knows opaque tokens. */
const known: Record<string, unknown> = {
  good: {
    active: true,
    sub: 'ada',
    aud: 'shop-bff',
    scope: 'orders:read',
    exp: second + 600,
    token_type: 'Bearer',
    jti: 'j-1',
  },
  machine: { active: true, client_id: 'batch', aud: ['other', 'shop-bff'], scope: 'orders:read' },
  elsewhere: { active: true, sub: 'ada', aud: 'web-bff', scope: 'orders:read' },
  expired: { active: true, sub: 'ada', aud: 'shop-bff', exp: second - 60 },
  early: { active: true, sub: 'ada', aud: 'shop-bff', nbf: second + 60 },
  refresh: { active: true, sub: 'ada', aud: 'shop-bff', token_use: 'refresh_token' },
  bound: { active: true, sub: 'ada', aud: 'shop-bff', cnf: { jkt: 'x' } },
  words: { active: 'true', sub: 'ada', aud: 'shop-bff' },
  nameless: { active: true, aud: 'shop-bff' },
};
const asked: string[] = [];
let logins: (string | undefined)[] = [];
let mood: 'responds' | 'fails' = 'responds';
let server: Server;
let issuer: Issuer;
let key: SigningKey;
let gateway: Gateway;
let url = '';
let admin = '';
let out = '';

async function frontage(...args: string[]): Promise<number> {
  out = '';
  const take = (text: string): void => void (out += text);
  return runProgram(args, { cwd: root, write: take, writeError: take });
}
const newKey = async (...args: string[]): Promise<string> => {
  expect(await frontage('keys', 'create', 'shop', ...args), out).toBe(0);
  return out.split('\n')[0] ?? '';
};

beforeAll(async () => {
  key = await signingKey('k', 'ES256');
  issuer = await Issuer.start(key);
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const token = new URLSearchParams(body).get('token') ?? '';
      asked.push(token);
      logins.push(request.headers.authorization);
      if (mood === 'fails') return void response.writeHead(500).end();
      response.setHeader('content-type', 'application/json');
      return void response.end(JSON.stringify(Object.hasOwn(known, token) ? known[token] : { active: false }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mkdirSync(app, { recursive: true });
  mkdirSync(join(root, 'libs/upstreams'), { recursive: true });
  writeFileSync(
    join(app, 'bff.yaml'),
    `bff: shop
listen: { port: 0, adminPort: 0 }
log: { file: '${join(root, 'log')}' }
rateClasses:
  slow: [{ per: user, limit: 1000, window: 1h }]
  gold: [{ per: user, limit: 2, window: 1h }]
admin: { token: the-admin-token }
access:
  jwt: { issuer: https://id.example.test, audience: mobile-bff, jwks: '${issuer.jwks}', algorithms: [ES256] }
  apiKeys: { file: keys.json, reload: 100ms }
  introspection:
    url: http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect
    clientId: 'shop bff'
    clientSecret: 's:cr&t'
    audience: shop-bff
`,
  );
  await newKey('--name', 'first', '--scope', 'orders:read');
  gateway = createGateway(
    { module: class {}, controllers: [Orders] },
    { loaded: loadConfig(join(app, 'bff.yaml'), { env: {}, environment: 'test' }) },
  );
  const started = await gateway.start();
  ({ url } = started);
  admin = started.adminUrl ?? '';
});
afterAll(async () => {
  await gateway.close();
  await issuer.stop();
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true });
});
beforeEach(() => {
  asked.splice(0);
  logins = [];
  mood = 'responds';
});

const ask = async (headers: Record<string, string>, path = '/orders') => {
  const response = await fetch(url + path, { headers });
  return { status: response.status, body: await response.text(), headers: response.headers };
};
const status = async (headers: Record<string, string>, path?: string): Promise<number> =>
  (await ask(headers, path)).status;
/** Keys are read again in the background. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('A6: API keys', () => {
  it('identify a partner, with scopes and nothing else of its own', async () => {
    const acme = await newKey('--name', 'acme', '--scope', 'orders:read', '--role', 'partner');
    await soon(() => status({ 'x-api-key': acme })).toBe(200);
    expect(JSON.parse((await ask({ 'x-api-key': acme })).body)).toEqual({
      subject: 'acme',
      apiKey: 'acme',
      scopes: ['orders:read'],
      roles: ['partner'],
      app: 'acme',
    });
    expect(await status({ 'x-api-key': acme }, '/write')).toBe(403);
  });

  it('are nowhere but in the header of the policy', async () => {
    const only = await newKey('--name', 'only', '--scope', 'orders:read');
    await soon(() => status({ 'x-api-key': only })).toBe(200);
    expect(await status({}, `/orders?api_key=${only}&x-api-key=${only}`)).toBe(401);
    expect(await status(bearer(only))).toBe(401);
    expect(await status({ cookie: `x-api-key=${only}` })).toBe(401);
    expect(await status({ 'x-api-key': `Bearer ${only}` })).toBe(401);
    expect(await status({ 'x-api-key': only, ...bearer(await tokenOf(key)) })).toBe(401);
  });

  it('that are wrong in any way are refused alike', async () => {
    const good = await newKey('--name', 'wrong', '--scope', 'orders:read');
    await soon(() => status({ 'x-api-key': good })).toBe(200);
    const changed = `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`;
    const wrong = [
      changed,
      good.slice(0, -1),
      `${good}A`,
      good.replace(/_[0-9a-f]{16}_/, '_0000000000000000_'),
      'fk_',
      'x',
    ];
    const refusals = await Promise.all(wrong.map((one) => ask({ 'x-api-key': one })));
    const shown = refusals.map(({ status: code, body, headers }) => [
      code,
      body.replace(/"(?:requestId|instance)":"[^"]*"/g, ''),
      headers.get('www-authenticate'),
    ]);
    expect(new Set(shown.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(shown[0]?.[0]).toBe(401);
  });

  it('number two per partner while they rotate, and a revoked one is refused', async () => {
    const old = await newKey('--name', 'turning', '--scope', 'orders:read');
    const next = await newKey('--name', 'turning', '--scope', 'orders:read');
    await soon(() => status({ 'x-api-key': next })).toBe(200);
    expect(await status({ 'x-api-key': old })).toBe(200);
    expect(await frontage('keys', 'create', 'shop', '--name', 'turning')).toBe(1);
    expect(out).toContain('turning has 2 valid keys already');
    expect(await frontage('keys', 'revoke', 'shop', old.split('_')[1] ?? ''), out).toBe(0);
    await soon(() => status({ 'x-api-key': old })).toBe(401);
    expect(await status({ 'x-api-key': next })).toBe(200);
    expect(await frontage('keys', 'revoke', 'shop', 'ffffffffffffffff')).toBe(1);
  });

  it('are neither made nor revoked in a dry run', async () => {
    const held = await newKey('--name', 'held');
    const id = held.split('_')[1] ?? '';
    expect(await frontage('keys', 'create', 'shop', '--name', 'dry', '--dry-run')).toBe(0);
    expect(out).toMatch(/^Would create a key of dry in .*\.\nNothing was written\.\n$/);
    expect(await frontage('keys', 'revoke', 'shop', id, '--dry-run', '--json')).toBe(0);
    expect(JSON.parse(out)).toEqual({ command: 'keys revoke', ok: true, exitCode: 0, dryRun: true, id });
    expect(await frontage('keys', 'list', 'shop')).toBe(0);
    expect(out).toContain(id);
    expect(out).not.toContain('  dry  ');
  });

  it('end at their time', async () => {
    expect(await frontage('keys', 'create', 'shop', '--name', 'late', '--expires', '2020-01-01')).toBe(2);
    expect(await frontage('keys', 'create', 'shop', '--name', 'late', '--expires', 'soon')).toBe(2);
    const late = await newKey('--name', 'late', '--scope', 'orders:read', '--expires', '30d');
    const file = join(app, 'keys.json');
    await soon(() => status({ 'x-api-key': late })).toBe(200);
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/"expiresAt": "[^"]*"/, '"expiresAt": "2020-01-01T00:00:00.000Z"'),
    );
    await soon(() => status({ 'x-api-key': late })).toBe(401);
  });

  it('with a quota have its limits on all routes together', async () => {
    expect(await frontage('keys', 'create', 'shop', '--name', 'golden', '--quota', 'platinum')).toBe(2);
    const golden = await newKey('--name', 'golden', '--scope', 'orders:read,orders:write', '--quota', 'gold');
    await soon(() => status({ 'x-api-key': golden }, '/none')).toBe(404);
    const seen: number[] = [];
    await soon(async () => {
      seen.push(await status({ 'x-api-key': golden }, seen.length % 2 === 0 ? '/orders' : '/write'));
      return seen.at(-1);
    }).toBe(429);
    expect(seen.filter((code) => code === 200)).toHaveLength(2);
    // The next key of the same partner counts with it, and a key of another partner by itself.
    const next = await newKey('--name', 'golden', '--scope', 'orders:read', '--quota', 'gold');
    await soon(() => status({ 'x-api-key': next }, '/orders')).toBe(429);
    const other = await newKey('--name', 'nugget', '--scope', 'orders:read', '--quota', 'gold');
    await soon(() => status({ 'x-api-key': other }, '/orders')).toBe(200);
  });

  it('are stored as hashes, listed without them, and never logged', async () => {
    const shy = await newKey('--name', 'shy', '--scope', 'orders:read');
    await soon(() => status({ 'x-api-key': shy })).toBe(200);
    await status({ 'x-api-key': `${shy}x` });
    const stored = readFileSync(join(app, 'keys.json'), 'utf8');
    const hash = /"hash": "([0-9a-f]{64})"/.exec(stored)?.[1] ?? '';
    const secret = shy.split('_').slice(2).join('_');
    expect(stored).not.toContain(secret);
    expect(await frontage('keys', 'list', 'shop')).toBe(0);
    expect(out).toContain('shy');
    expect(out).not.toContain(hash);
    expect(await frontage('keys', 'list', 'shop', '--json')).toBe(0);
    expect(out).not.toContain(hash);
    expect(readFileSync(join(root, 'log'), 'utf8')).not.toContain(secret);
  });

  it('stay in force while their file is broken', async () => {
    const firm = await newKey('--name', 'firm', '--scope', 'orders:read');
    await soon(() => status({ 'x-api-key': firm })).toBe(200);
    const file = join(app, 'keys.json');
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.slice(0, 100));
    await soon(() => readFileSync(join(root, 'log'), 'utf8')).toContain('the API keys cannot be read');
    expect(await status({ 'x-api-key': firm })).toBe(200);
    writeFileSync(file, good);
  });
});

describe('opaque tokens', () => {
  it('are asked about once while they are known, with the client of the policy', async () => {
    expect(await status(bearer('good'))).toBe(200);
    expect(await status(bearer('good'))).toBe(200);
    expect(asked).toEqual(['good']);
    // RFC 6749 section 2.3.1: form-encoded, then joined.
    expect(logins).toEqual([`Basic ${Buffer.from('shop+bff:s%3Acr%26t').toString('base64')}`]);
  });

  it('of a client without a user have a subject that is no user', async () => {
    expect(JSON.parse((await ask(bearer('machine'))).body)).toMatchObject({ subject: 'client:batch' });
  });

  it.each(['elsewhere', 'expired', 'early', 'refresh', 'bound', 'nameless', 'unknown', 'constructor'])(
    'are refused: %s',
    async (token) => {
      expect(await status(bearer(token))).toBe(401);
      expect(await status(bearer(token))).toBe(401);
      // The second refusal costs no call.
      expect(asked).toEqual([token]);
    },
  );

  it('do not include the tokens of a known issuer, which are verified here', async () => {
    expect(await status(bearer(await tokenOf(key, { scope: 'orders:read' })))).toBe(200);
    expect(await status(bearer(await tokenOf(key, { exp: 1 })))).toBe(401);
    expect(asked).toEqual([]);
  });

  it('share one question that is under way', async () => {
    known['shared'] = known['good'];
    const all = await Promise.all(Array.from({ length: 20 }, () => status(bearer('shared'))));
    expect([new Set(all), asked]).toEqual([new Set([200]), ['shared']]);
  });

  it('are refused where the response is not to be understood, or fails: the circuit opens', async () => {
    expect(await status(bearer('words'))).toBe(502);
    mood = 'fails';
    const codes = new Set<number>();
    for (let round = 0; round < 30; round++) codes.add(await status(bearer(`down-${round}`)));
    expect(codes).toEqual(new Set([502, 503]));
    expect(asked.length).toBeLessThan(31);
    // Tokens that are known already, and other strategies, do not need the server.
    expect(await status(bearer('good'))).toBe(200);
    expect(readFileSync(join(root, 'log'), 'utf8')).not.toContain('down-1');
  });
});

describe('a revocation', () => {
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${admin}/revocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer the-admin-token', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return response.status;
  };
  const mint = async (claims: object): Promise<string> =>
    tokenOf(key, { scope: 'orders:read', iat: second - 10, exp: second + 300, ...claims });

  it('refuses one token at once, although it was verified a moment ago', async () => {
    const [one, other] = [await mint({ jti: 'one', sub: 'r1' }), await mint({ jti: 'other', sub: 'r1' })];
    expect([await status(bearer(one)), await status(bearer(other))]).toEqual([200, 200]);
    expect(await post({ id: 'one' })).toBe(200);
    expect([await status(bearer(one)), await status(bearer(other))]).toEqual([401, 200]);
  });

  it('of a subject refuses what was issued before it, and not what is issued later', async () => {
    const old = await mint({ sub: 'r2' });
    expect(await frontage('revoke', 'shop', '--subject', 'r2', '--admin', admin, '--dry-run'), out).toBe(0);
    expect(out).toContain(`its admin port at ${admin}`);
    expect(await status(bearer(old))).toBe(200);
    expect(await frontage('revoke', 'shop', '--subject', 'r2', '--admin', admin), out).toBe(0);
    expect(await status(bearer(old))).toBe(401);
    expect(await status(bearer(await mint({ sub: 'r2', iat: undefined })))).toBe(401);
    expect(await status(bearer(await mint({ sub: 'r2', iat: Math.floor(Date.now() / 1_000) + 4 })))).toBe(200);
    expect(await status(bearer(await mint({ sub: 'r3' })))).toBe(200);
  });

  it('of an API key works by its id', async () => {
    const partner = await newKey('--name', 'revoked', '--scope', 'orders:read');
    await soon(() => status({ 'x-api-key': partner })).toBe(200);
    expect(await post({ id: partner.split('_')[1] })).toBe(200);
    expect(await status({ 'x-api-key': partner })).toBe(401);
  });

  it('needs the admin token, JSON, and one thing to revoke', async () => {
    expect(await post({ subject: 'x' }, { authorization: 'Bearer guess' })).toBe(401);
    expect(await post({ subject: 'x' }, { authorization: '' })).toBe(401);
    expect(await post({ subject: 'x' }, { 'content-type': 'text/plain' })).toBe(415);
    expect(await post({ subject: 'x' }, { origin: 'https://evil.example' })).toBe(415);
    for (const body of [
      {},
      { subject: '' },
      { subject: 7 },
      { subject: 'a', id: 'b' },
      { issuedBefore: 'never' },
      [],
      'x',
    ])
      expect(await post(body)).toBe(400);
    expect(await post({ issuedBefore: '2999-01-01T00:00:00Z' })).toBe(400);
    expect((await fetch(`${admin}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('of all tokens that were issued before now is the switch for a breach; API keys stay', async () => {
    const partner = await newKey('--name', 'staying', '--scope', 'orders:read');
    await soon(() => status({ 'x-api-key': partner })).toBe(200);
    const token = await mint({ sub: 'r4' });
    expect([await status(bearer(token)), await status(bearer('good'))]).toEqual([200, 200]);
    expect(await frontage('revoke', 'shop', '--issued-before', 'now', '--admin', admin), out).toBe(0);
    expect([await status(bearer(token)), await status(bearer('good'))]).toEqual([401, 401]);
    expect(await status(bearer(await mint({ sub: 'r4', iat: second - 1, jti: 'new' })))).toBe(401);
    expect(await status({ 'x-api-key': partner })).toBe(200);
  });
});
