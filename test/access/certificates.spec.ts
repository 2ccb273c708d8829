import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { Controller, Get } from '@nestjs/common';
import { Access, Caller, Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { createGateway, type Gateway, type GatewayAddress } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { ManualClock } from '@frontage/testing/manual-clock';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Issuer, signingKey, tokenOf, type SigningKey } from '../../libs/auth/src/fixtures/issuer.js';
import { Authority, type Pair } from '../../libs/gateway/src/fixtures/certificates.js';

@Controller()
class Who {
  @Access()
  @RateClass('gold')
  @Get('me')
  me(@Caller() caller: Caller): Caller {
    return caller;
  }
  @Access({ scope: 'orders:read' })
  @RateClass('few')
  @Get('orders')
  orders(@Caller() caller: Caller): Caller {
    return caller;
  }
  @Public()
  @Get('open')
  open(): object {
    return {};
  }
}

const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
const file = (name: string): string => join(folder, name);
const authority = new Authority();
const stranger = new Authority('Stranger');
const server = authority.issue({ name: '/CN=shop', san: 'IP:127.0.0.1' });
const depot = authority.issue({ name: '/CN=depot', san: 'DNS:depot.acme.example,URI:spiffe://acme.example/depot' });
const billing = authority.issue({ name: '/C=DE/O=Acme, Inc/CN=billing' });
const warehouse = authority.issue({ name: '/C=DE/O=Acme/CN=warehouse' });
const unknown = authority.issue({ name: '/CN=depot', san: 'DNS:depot.acme.example.evil.test' });
const both = authority.issue({ name: '/CN=both', san: 'DNS:depot.acme.example,DNS:late.acme.example' });
const late = authority.issue({ name: '/CN=late', san: 'DNS:late.acme.example' });
const foreign = stranger.issue({ name: '/CN=depot', san: 'DNS:depot.acme.example' });
const brief = authority.issue({ name: '/CN=brief', san: 'DNS:brief.acme.example', days: 1 });

let key: SigningKey;
let issuer: Issuer;
let clock: ManualClock;
let gateway: Gateway;
let url = '';
let addresses: GatewayAddress;

const callers = (extra: object = {}): string => JSON.stringify({ callers: extra });
/** A token that is bound to the certificate with this thumbprint. */
const bound = (thumbprint: string, more: object = {}): Promise<string> =>
  tokenOf(key, { aud: 'shop-bff', scope: 'orders:read', cnf: { 'x5t#S256': thumbprint, ...more } });

beforeAll(async () => {
  key = await signingKey('k', 'ES256');
  issuer = await Issuer.start(key);
  writeFileSync(file('server.pem'), server.cert);
  writeFileSync(file('server.key'), server.key);
  writeFileSync(file('clients.pem'), authority.cert);
});
afterAll(async () => {
  await issuer.stop();
  rmSync(folder, { recursive: true });
});

/** Starts the app with these lines of `listen` and `access.certificate`. */
async function start(tls: string, certificate: string): Promise<Gateway> {
  clock = new ManualClock(Date.now());
  writeFileSync(file('callers.json'), callers({ late: { san: 'DNS:late.acme.example', scopes: ['orders:read'] } }));
  writeFileSync(
    file('bff.yaml'),
    `bff: shop
listen:
  port: 0
  adminPort: 0
${tls}
access:
  jwt: { issuer: ${issuer.issuer}, audience: shop-bff, jwks: '${issuer.jwks}', algorithms: [ES256] }
${certificate}
rateClasses:
  few: [{ per: user, limit: 2, window: 1h }]
  gold: [{ per: user, limit: 50, window: 1h }]
log: { file: '${file('log')}' }
`,
  );
  const config = loadConfig(file('bff.yaml'), { env: {}, environment: 'test' });
  const app = createGateway({ module: class {}, controllers: [Who] }, { loaded: config, clock });
  addresses = await app.start();
  ({ url } = addresses);
  return app;
}

const tls = (required = false): string => `  tls:
    certificate: server.pem
    key: server.key
    clientCertificates: { ca: clients.pem, required: ${String(required)} }
    reload: 1h`;

const table = `    callers:
      depot: { san: 'DNS:depot.acme.example', scopes: [orders:read], tenant: acme, quota: gold }
      billing: { subject: 'CN=billing, O=Acme\\, Inc, C=DE', roles: [internal] }
      warehouse: { thumbprint: '${hexOf(warehouse)}', scopes: [orders:read] }
      brief: { san: 'DNS:brief.acme.example' }
    file: callers.json
    reload: 1h`;

/** A thumbprint as `openssl x509 -fingerprint -sha256` prints it. */
function hexOf({ cert }: Pair): string {
  return new X509Certificate(cert).fingerprint256;
}

interface Sent {
  readonly pair?: Pair;
  readonly headers?: Record<string, string | string[]>;
  readonly agent?: Agent;
}

async function ask(
  path: string,
  { pair, headers = {}, agent }: Sent = {},
): Promise<readonly [number | undefined, unknown]> {
  const own = agent ?? new Agent({ ca: authority.cert, ...pair });
  const sent = url.startsWith('https:')
    ? request(url + path, { agent: own, headers })
    : plainRequest(url + path, { headers });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return [response.statusCode, await json(response)];
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('a client certificate of the connection', () => {
  beforeAll(async () => {
    gateway = await start(tls(), `  certificate:\n${table}`);
  });
  afterAll(() => gateway.close());

  it.each<[string, () => Pair, object]>([
    [
      'an alternative name',
      () => depot,
      { subject: 'depot', scopes: ['orders:read'], roles: [], app: 'depot', tenant: 'acme', quota: 'gold' },
    ],
    ['a distinguished name', () => billing, { subject: 'billing', scopes: [], roles: ['internal'], app: 'billing' }],
    ['a thumbprint', () => warehouse, { subject: 'warehouse', scopes: ['orders:read'], roles: [], app: 'warehouse' }],
    ['a row of the file', () => late, { subject: 'late', scopes: ['orders:read'], roles: [], app: 'late' }],
  ])('is a caller by %s', async (_, pair, caller) => {
    expect(await ask('/me', { pair: pair() })).toEqual([200, caller]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is the same caller over a session that is resumed (%s)',
    async (version) => {
      const known = {
        ca: authority.cert,
        ...billing,
        maxVersion: version,
        minVersion: version,
        host: '127.0.0.1',
        port: Number(new URL(url).port),
      };
      const sessions: Buffer[] = [];
      for (const expected of [false, true]) {
        const session = sessions.at(-1);
        const socket = connect({ ...known, ...(session && { session }) });
        socket.on('session', (next: Buffer) => sessions.push(next));
        socket.write('GET /me HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n');
        let isReused: boolean | undefined;
        socket.once('secureConnect', () => (isReused = socket.isSessionReused()));
        const answer = await text(socket);
        expect(isReused).toBe(expected);
        expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*"subject":"billing"/);
      }
    },
  );

  it('has the scopes of its row, and its quota', async () => {
    expect((await ask('/orders', { pair: billing }))[0]).toBe(403);
    const gold = [];
    for (let i = 0; i < 4; i++) gold.push((await ask('/orders', { pair: depot }))[0]);
    expect(gold).toEqual([200, 200, 200, 200]);
    const few = [];
    for (let i = 0; i < 3; i++) few.push((await ask('/orders', { pair: warehouse }))[0]);
    expect(few).toEqual([200, 200, 429]);
  });

  it('is not needed where no caller is', async () => {
    expect(await ask('/open')).toEqual([200, {}]);
    expect((await ask('/open', { pair: foreign }))[0]).toBe(200);
    expect((await ask('/me'))[0]).toBe(401);
  });

  it.each<[string, () => Pair, string]>([
    [
      'no authority of ours signed it',
      () => foreign,
      'the client certificate is not trusted: UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    [
      'it belongs to no caller, with a name that only begins alike',
      () => unknown,
      'no caller has the client certificate',
    ],
    ['it has the names of two callers', () => both, 'the client certificate has the names of depot and late'],
  ])('is refused where %s, with the reason in the log alone', async (_, pair, reason) => {
    const [status, body] = await ask('/me', { pair: pair() });
    expect(status).toBe(401);
    expect(JSON.stringify(body)).not.toContain('certificate');
    await expect.poll(() => readFileSync(file('log'), 'utf8'), { timeout: 10_000 }).toContain(reason);
  });

  it('is not read from a header', async () => {
    const raw = new X509Certificate(depot.cert).raw.toString('base64');
    expect((await ask('/me', { headers: { 'client-cert': `:${raw}:` } }))[0]).toBe(401);
  });

  it('ends with its time on a connection that stays open, and with its row of the file', async () => {
    const agent = new Agent({ ca: authority.cert, ...brief, keepAlive: true, maxSockets: 1 });
    await clock.advance(new X509Certificate(brief.cert).validToDate.getTime() - clock.wallTime() - 10_000);
    expect((await ask('/me', { agent }))[0]).toBe(200);
    await clock.advance(15_000);
    expect((await ask('/me', { agent }))[0]).toBe(401);
    agent.destroy();
    expect((await ask('/me', { pair: late }))[0]).toBe(200);
    writeFileSync(file('callers.json'), callers({ other: { san: 'DNS:late.acme.example' } }));
    await clock.advance(3_600_000);
    await expect
      .poll(async () => (await ask('/me', { pair: late }))[1], { timeout: 10_000 })
      .toMatchObject({ subject: 'other' });
    writeFileSync(file('callers.json'), '{ "callers": { "other": { "san": "late" } } }');
    await clock.advance(3_600_000);
    await expect
      .poll(() => readFileSync(file('log'), 'utf8'), { timeout: 10_000 })
      .toContain('the callers of client certificates cannot be read');
    expect((await ask('/me', { pair: late }))[0]).toBe(200);
  });

  it('is revoked by its thumbprint', async () => {
    const { adminUrl } = addresses;
    const revoke = await fetch(`${adminUrl}/revocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: depot.thumbprint }),
    });
    expect(revoke.status).toBe(200);
    expect((await ask('/me', { pair: depot }))[0]).toBe(401);
    expect((await ask('/me', { pair: billing }))[0]).toBe(200);
  });
});

describe('RFC 8705: a token that is bound to a certificate', () => {
  beforeAll(async () => {
    gateway = await start(tls(), '');
  });
  afterAll(() => gateway.close());

  it('is accepted over a connection with this certificate and over no other, known or not', async () => {
    const token = await bound(depot.thumbprint);
    const other = { headers: bearer(token), pair: billing };
    expect((await ask('/me', other))[0]).toBe(401);
    for (let i = 0; i < 2; i++) {
      expect((await ask('/me', { headers: bearer(token), pair: depot }))[0]).toBe(200);
      expect((await ask('/me', { headers: bearer(token) }))[0]).toBe(401);
      expect((await ask('/me', other))[0]).toBe(401);
    }
  });

  it('is refused with a certificate that no authority of ours signed', async () => {
    expect((await ask('/me', { headers: bearer(await bound(foreign.thumbprint)), pair: foreign }))[0]).toBe(401);
  });

  it.each<[string, () => Promise<string>]>([
    ['is bound to two keys', () => bound(depot.thumbprint, { jkt: 'x' })],
    ['is bound to a key of another kind', () => tokenOf(key, { aud: 'shop-bff', cnf: { jkt: depot.thumbprint } })],
    ['has a thumbprint in hex', () => bound(hexOf(depot))],
    ['is bound to nothing that can be read', () => tokenOf(key, { aud: 'shop-bff', cnf: null })],
    ['is bound to a list', () => tokenOf(key, { aud: 'shop-bff', cnf: ['x5t#S256', depot.thumbprint] })],
  ])('is refused where it %s', async (_, token) => {
    expect((await ask('/me', { headers: bearer(await token()), pair: depot }))[0]).toBe(401);
  });

  it('needs no row for the certificate, which is no caller by itself', async () => {
    expect((await ask('/me', { pair: depot }))[0]).toBe(401);
  });
});

describe('a certificate that every connection needs', () => {
  beforeAll(async () => {
    gateway = await start(tls(true), `  certificate:\n${table}`);
  });
  afterAll(() => gateway.close());

  it('is asked of each client, for what is open too', async () => {
    expect((await ask('/open', { pair: depot }))[0]).toBe(200);
    await expect(ask('/open')).rejects.toThrow(/ALERT|alert|ECONNRESET|hang up/);
    await expect(ask('/open', { pair: foreign })).rejects.toThrow(/ALERT|alert|ECONNRESET|hang up/);
  });

  it('beside a token only proves it', async () => {
    const token = await tokenOf(key, { aud: 'shop-bff', sub: 'ada' });
    expect((await ask('/me', { pair: depot, headers: bearer(token) }))[1]).toMatchObject({ subject: 'ada' });
    expect((await ask('/me', { pair: depot, headers: bearer('forged') }))[0]).toBe(401);
  });
});

describe('RFC 9440: a certificate behind a proxy that ends TLS', () => {
  const field = ({ cert }: Pair): string => `:${new X509Certificate(cert).raw.toString('base64')}:`;

  describe('of a trusted address', () => {
    beforeAll(async () => {
      gateway = await start('', `  certificate:\n    from: proxy\n    proxies: [127.0.0.0/8]\n${table}`);
    });
    afterAll(() => gateway.close());

    it('is a caller, and proves a token', async () => {
      expect((await ask('/me', { headers: { 'client-cert': field(depot) } }))[1]).toMatchObject({ subject: 'depot' });
      const token = bearer(await bound(billing.thumbprint));
      expect((await ask('/me', { headers: { ...token, 'client-cert': field(billing) } }))[0]).toBe(200);
      expect((await ask('/me', { headers: { ...token, 'client-cert': field(depot) } }))[0]).toBe(401);
      expect((await ask('/me', { headers: token }))[0]).toBe(401);
    });

    it.each<[string, string | string[]]>([
      ['twice', [field(depot), field(billing)]],
      ['without colons', field(depot).replaceAll(':', '')],
      ['as PEM', encodeURIComponent(depot.cert)],
      ['with bytes that are no certificate', ':AAAA:'],
      ['empty', '::'],
    ])('is refused %s', async (_, value) => {
      expect((await ask('/me', { headers: { 'client-cert': value } }))[0]).toBe(401);
    });

    it('is refused after its time', async () => {
      await clock.advance(25 * 3_600_000);
      expect((await ask('/me', { headers: { 'client-cert': field(brief) } }))[0]).toBe(401);
      expect((await ask('/me', { headers: { 'client-cert': field(billing) } }))[0]).toBe(200);
    });
  });

  it('is not read from any other address', async () => {
    gateway = await start('', `  certificate:\n    from: proxy\n    proxies: [10.0.0.0/8]\n${table}`);
    expect((await ask('/me', { headers: { 'client-cert': field(depot) } }))[0]).toBe(401);
    await gateway.close();
  });
});

describe('a policy', () => {
  it.each<[string, string, string]>([
    ['', `  certificate:\n${table}`, 'no client is asked for a certificate; add listen.tls.clientCertificates'],
    [
      '',
      '  certificate: { from: proxy, callers: { a: { san: DNS:a } } }',
      'any client could name a certificate in the header; add "proxies"',
    ],
    [tls(), '  certificate: {}', 'no certificate identifies a caller; add "callers" or "file"'],
    [
      tls(),
      '  certificate: { proxies: [10.0.0.1], callers: { a: { san: DNS:a } } }',
      '"proxies" is not used with the certificates of connections',
    ],
    [
      tls(),
      '  certificate: { callers: { a: { scopes: [x] } } }',
      'this caller has no certificate; add "thumbprint", "san" or "subject"',
    ],
    [
      tls(),
      '  certificate: { callers: { a: { san: a.example } } }',
      'expected a name with its kind, such as DNS:depot.acme.example',
    ],
    [
      tls(),
      '  certificate: { callers: { a: { thumbprint: ab:cd } } }',
      'expected the SHA-256 of a certificate as 64 hex digits',
    ],
    [
      tls(),
      '  certificate: { callers: { a: { san: DNS:a }, b: { san: DNS:a } } }',
      '"a" has the same certificate: DNS:a',
    ],
    [tls(), '  certificate: { callers: { a: { san: DNS:a, quota: lead } } }', '"lead" is not in rateClasses'],
    [tls(), '  certificate: { file: none.json }', 'the callers cannot be read (ENOENT'],
    [
      tls(),
      '  strategies: [jwt]\n  certificate: { callers: { a: { san: DNS:a } } }',
      '"certificate" is not in access.strategies',
    ],
  ])('of %j and %j is refused at start', async (listen, certificate, message) => {
    await expect(start(listen, certificate)).rejects.toThrow(message);
  });
});

describe('a revocation list', () => {
  const withLists = tls().replace('ca: clients.pem', 'ca: clients.pem, crl: revoked.pem').replace('1h', '100ms');
  const begin = async (lists: string): Promise<void> => {
    writeFileSync(file('revoked.pem'), lists);
    gateway = await start(withLists, `  certificate:\n${table}`);
    onTestFinished(() => gateway.close());
  };
  /** Of a new connection. */
  const statusOf = async (pair: Pair): Promise<number | undefined> => (await ask('/me', { pair }))[0];

  it('refuses the certificates in it, from the next look at the file, and no others', async () => {
    await begin(authority.revocationList([]));
    expect([await statusOf(depot), await statusOf(billing)]).toEqual([200, 200]);
    writeFileSync(file('revoked.pem'), authority.revocationList([depot]));
    const status = async (): Promise<number | undefined> => {
      await clock.advance(100);
      return statusOf(depot);
    };
    await expect.poll(status, { timeout: 10_000, interval: 300 }).toBe(401);
    expect(await statusOf(billing)).toBe(200);
    await expect.poll(() => readFileSync(file('log'), 'utf8'), { timeout: 10_000 }).toContain('CERT_REVOKED');
  });

  it('that is missing for an authority, or out of date, lets no certificate of it in', async () => {
    await begin(stranger.revocationList([]));
    expect([await statusOf(billing), (await ask('/open', { pair: billing }))[0]]).toEqual([401, 200]);
    await gateway.close();
    await begin(authority.revocationList([], -1));
    expect(await statusOf(billing)).toBe(401);
  });

  it('of several authorities stand in one file', async () => {
    await begin(stranger.revocationList([]) + authority.revocationList([billing]));
    expect([await statusOf(depot), await statusOf(billing)]).toEqual([200, 401]);
  });

  it.each([
    ['no list', 'nothing'],
    ['half a list', '-----BEGIN X509 CRL-----\nMIIB'],
    ['a malformed list', '-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n'],
  ])('that is %s stops the start at its line', async (_, lists) => {
    writeFileSync(file('revoked.pem'), lists);
    await expect(start(withLists, `  certificate:\n${table}`)).rejects.toThrow(/revocation list/);
  });
});
