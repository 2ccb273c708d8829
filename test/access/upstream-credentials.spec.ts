import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { given, optional, orNull, pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Caller, Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { verifiedToken, type JSONWebKeySet } from '../../libs/auth/src/fixtures/verified-token.js';
import { GatewayUnderTest, takesTokens } from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { getItem } from '../../libs/gateway/src/fixtures/shop.js';
import { Screen } from '@frontage/gateway';

const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function fileWith(text: string): string {
  const file = join(folder, String((files += 1)));
  writeFileSync(file, text);
  return file;
}

const args = { path: { id: 'i-1' } };
const twice = screen(
  plan('credentials.twice', { deadlineMs: 5_000 }, () => ({
    item: required(getItem, args),
    other: required(getItem, { path: { id: 'i-2' } }),
  })),
  ({ item, other }) => ({ item: pick(item, 'name'), other: pick(other, 'name') }),
);
const maybe = screen(
  plan('credentials.maybe', { input: { caller: given<Caller>() }, deadlineMs: 5_000 }, () => ({
    item: optional(getItem, args),
  })),
  ({ item }) => ({ item: orNull(pick(item, 'name')) }),
);

@Controller()
class Items {
  @Public()
  @Get('open')
  @Screen(twice)
  open() {
    return {};
  }
  @Access()
  @Get('own')
  @Screen(twice)
  own() {
    return {};
  }
  @Access()
  @Get('maybe')
  @Screen(maybe)
  maybe(@Caller() caller: Caller) {
    return { caller };
  }
}

async function started(upstream: string, policy = ''): Promise<GatewayUnderTest> {
  const app = await GatewayUnderTest.start({
    controllers: [Items],
    policy: takesTokens + policy,
    upstreams: `  shop:\n    urls: ['\${SHOP_URL}']\n${upstream}`,
  });
  onTestFinished(() => app.stop());
  return app;
}

const sent = (app: GatewayUnderTest, header = 'authorization'): readonly (string | undefined)[] =>
  app.shop.requests.map(({ headers }) => headers[header]);

/** A token endpoint that numbers its tokens. */
async function tokenEndpoint(reply?: RawReply): Promise<RawServer> {
  const server = await RawServer.start(
    reply ??
      ((socket, { index }) =>
        rawReplies.json({ access_token: `issued-${index}`, token_type: 'Bearer', expires_in: 300 })(
          socket,
          {} as never,
        )),
  );
  onTestFinished(() => server.stop());
  return server;
}

const grant = (kind: 'clientCredentials' | 'tokenExchange', server: RawServer, more = 'clientSecret: s3cret'): string =>
  `    credentials: { ${kind}: { tokenUrl: '${server.url}/token', clientId: shop-bff, ${more} } }\n`;

describe('a secret in a file', () => {
  it('is sent, and the next one after the file was replaced', async () => {
    const file = fileWith('one\n');
    const app = await started(`    credentials: { header: x-key, file: ${file} }\n`);
    await app.ask('/open');
    writeFileSync(file, 'second\n');
    await vi.waitFor(
      async () => {
        await app.ask('/open');
        expect(sent(app, 'x-key').at(-1)).toBe('second');
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(sent(app, 'x-key')[0]).toBe('one');
  });

  it('has a word before it', async () => {
    const app = await started(`    credentials: { file: ${fileWith('one')}, scheme: Bearer }\n`);
    await app.ask('/open');
    expect(sent(app)).toEqual(['Bearer one', 'Bearer one']);
  });
});

describe('client credentials', () => {
  it('are one token for all callers and calls', async () => {
    const server = await tokenEndpoint();
    const app = await started(grant('clientCredentials', server));
    const token = await app.token('ada');
    const statuses = await Promise.all(
      Array.from(
        { length: 20 },
        async (_, index) => (await app.ask(index % 2 === 0 ? '/open' : '/own', { token })).status,
      ),
    );
    expect([new Set(statuses), new Set(sent(app))]).toEqual([new Set([200]), new Set(['Bearer issued-0'])]);
    expect(server.requests).toHaveLength(1);
  });

  it('that cannot be had are 502 for a required call, and a missing part for an optional one', async () => {
    const server = await tokenEndpoint(rawReplies.json({ error: 'invalid_client' }, {}, 401));
    const app = await started(grant('clientCredentials', server));
    const token = await app.token('ada');
    const refused = await app.ask('/own', { token });
    expect([refused.status, await refused.json()]).toEqual([
      502,
      expect.objectContaining({ code: 'GW_UPSTREAM_CREDENTIALS', title: 'No credentials for the upstream' }),
    ]);
    const partial = await app.ask('/maybe', { token });
    expect([partial.status, await partial.json()]).toEqual([
      200,
      { item: null, _parts: { item: { status: 'credentials', source: 'none' } } },
    ]);
    expect(app.shop.requests).toEqual([]);
  });
});

describe('token exchange', () => {
  it('gives each caller a token of its own, and keeps the token of the caller here', async () => {
    const server = await tokenEndpoint();
    const app = await started(
      grant('tokenExchange', server, `clientSecretFile: ${fileWith('s3cret')}, audience: shop`),
    );
    const [ada, bob] = [await app.token('ada'), await app.token('bob')];
    for (const token of [ada, bob, ada]) expect((await app.ask('/own', { token })).status).toBe(200);
    const subjects = server.requests.map(({ body }) => new URLSearchParams(body).get('subject_token'));
    expect(subjects).toEqual([ada, bob]);
    expect(sent(app)).toEqual([0, 0, 1, 1, 0, 0].map((index) => `Bearer issued-${index}`));
  });

  it('sends nothing for a public route', async () => {
    const server = await tokenEndpoint();
    const app = await started(grant('tokenExchange', server));
    expect((await app.ask('/open')).status).toBe(200);
    expect([sent(app), server.requests]).toEqual([[undefined, undefined], []]);
  });

  it('that is refused to the caller is a forbidden part', async () => {
    const server = await tokenEndpoint(rawReplies.json({ error: 'invalid_target' }, {}, 400));
    const app = await started(grant('tokenExchange', server));
    const response = await app.ask('/maybe', { token: await app.token('ada') });
    expect(await response.json()).toEqual({ item: null, _parts: { item: { status: 'forbidden', source: 'none' } } });
  });
});

describe('a user context', () => {
  const key = (kid: string) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { ...privateKey.export({ format: 'jwk' }), kid };
  };
  const [first, second] = [key('first'), key('second')];
  const withKeys = (file: string) =>
    started('    userContext: true\n', `userContext: { audience: acme.internal, keysFile: ${file}, issuer: bff }\n`);
  const published = async (app: GatewayUnderTest): Promise<JSONWebKeySet> => {
    const response = await fetch(`${app.adminUrl}/jwks.json`);
    expect(response.headers.get('content-type')).toBe('application/jwk-set+json');
    return JSON.parse(await response.text());
  };

  it('says who the caller is, signed once per request, for those who have the public keys', async () => {
    const app = await withKeys(fileWith(JSON.stringify({ keys: [first, second] })));
    const token = await app.token('ada', 'home:read', 'home:write');
    const response = await app.ask('/own', { token, headers: { 'x-request-id': 'not-ours' } });
    const [one, other] = sent(app, 'txn-token');
    expect([one, sent(app)]).toEqual([other, [undefined, undefined]]);
    const keys = await published(app);
    expect(keys.keys.map(({ kid }) => kid)).toEqual(['first', 'second']);
    expect(JSON.stringify(keys)).not.toContain('"d"');
    const { payload, protectedHeader } = await verifiedToken(one ?? '', keys, {
      audience: 'acme.internal',
      issuer: 'bff',
      typ: 'txntoken+jwt',
      algorithms: ['ES256'],
    });
    expect(protectedHeader.kid).toBe('first');
    expect(payload).toMatchObject({
      sub: 'ada',
      scope: 'home:read home:write',
      txn: response.headers.get('x-request-id'),
      req_wl: 'spec',
      tctx: { route: 'GET /own' },
      rctx: { req_ip: '127.0.0.1', authn: 'urn:ietf:rfc:6749' },
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
    expect(JSON.stringify(payload)).not.toContain(token);
    await app.ask('/own', { token });
    expect(sent(app, 'txn-token')[2]).not.toBe(one);
  });

  it('is none for a request without a caller', async () => {
    const app = await withKeys(fileWith(JSON.stringify({ keys: [first] })));
    expect((await app.ask('/open')).status).toBe(200);
    expect(sent(app, 'txn-token')).toEqual([undefined, undefined]);
  });

  it('is signed by the next key after the file was changed, and both are published', async () => {
    const file = fileWith(JSON.stringify({ keys: [first] }));
    const app = await withKeys(file);
    const token = await app.token('ada');
    writeFileSync(file, JSON.stringify({ keys: [second, first] }));
    await vi.waitFor(async () => expect((await published(app)).keys).toHaveLength(2), {
      timeout: 20_000,
      interval: 100,
    });
    await app.ask('/own', { token });
    const header: unknown = JSON.parse(
      Buffer.from((sent(app, 'txn-token')[0] ?? '').split('.')[0] ?? '', 'base64url').toString(),
    );
    expect(header).toMatchObject({ kid: 'second' });
  });

  it('has no page of keys where the app signs none', async () => {
    const app = await started('');
    expect((await fetch(`${app.adminUrl}/jwks.json`)).status).toBe(404);
  });
});

describe('a mistake in the policy of credentials', () => {
  const tokenUrl = 'https://id.example.test/token';
  it.each<[string, string, RegExp]>([
    ['two kinds', '    credentials: { value: s3cret, file: /x }\n', /takes one of "value", "file"/],
    ['no kind', '    credentials: { header: x-key }\n', /takes one of "value", "file"/],
    [
      'a word without a file',
      '    credentials: { value: s3cret, scheme: Bearer }\n',
      /"scheme" is not used without "file"/,
    ],
    ['no file', '    credentials: { file: /nowhere/key }\n', /bff\d+\.yaml:\d+:\d+ .*"shop": the file .*ENOENT/],
    [
      'an open token endpoint',
      `    credentials: { clientCredentials: { tokenUrl: 'http://id.example.test/token', clientId: a, clientSecret: s3cret } }\n`,
      /write https:/,
    ],
    [
      'no secret',
      `    credentials: { tokenExchange: { tokenUrl: '${tokenUrl}', clientId: a } }\n`,
      /takes one of "clientSecret"/,
    ],
    [
      'a proof that does not fit the secret',
      `    credentials: { clientCredentials: { tokenUrl: '${tokenUrl}', clientId: a, clientSecret: s3cret, authentication: private_key_jwt } }\n`,
      /"private_key_jwt" needs "privateKeyFile"/,
    ],
    ['a user context without keys', '    userContext: true\n', /this app signs no user context; add userContext/],
    [
      'a public cache',
      `    credentials: { tokenExchange: { tokenUrl: '${tokenUrl}', clientId: a, clientSecret: s3cret } }\n    cache: { getItem: { ttl: 1s, scope: public } }\n`,
      /tokenExchange\), so its responses are not for all callers/,
    ],
    [
      'the token of the caller in the same field',
      `    forwardAuthorization: true\n    credentials: { value: s3cret }\n`,
      /cannot carry these credentials and the caller's token/,
    ],
  ])('stops the start at its place, without a secret: %s', async (_, upstream, expected) => {
    const failing = started(upstream);
    await expect(failing).rejects.toThrow(expected);
    await expect(failing).rejects.not.toThrow(/s3cret/);
  });
});
