import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { optional, orNull, pick, plan, screen } from '@frontage/aggregation';
import { Access } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { createGateway, Screen, type Gateway } from '@frontage/gateway';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Issuer, signingKey, tokenOf, type SigningKey } from '../../libs/auth/src/fixtures/issuer.js';
import { getItem } from '../../libs/gateway/src/fixtures/shop.js';

const kinds = ['plain', 'forwarding', 'fixed', 'filed', 'granted', 'exchanged', 'contextual'] as const;
type Kind = (typeof kinds)[number];

/** The same operation of one upstream per way to send credentials. */
const operationOf = (upstream: string) => ({ ...getItem, contract: { ...getItem.contract, upstream } });
const all = screen(
  plan('attacks.all', { deadlineMs: 8_000 }, () => {
    const call = (kind: Kind) => optional(operationOf(kind), { path: { id: 'i-1' } });
    return {
      plain: call('plain'),
      forwarding: call('forwarding'),
      fixed: call('fixed'),
      filed: call('filed'),
      granted: call('granted'),
      exchanged: call('exchanged'),
      contextual: call('contextual'),
    };
  }),
  (parts) => ({
    plain: orNull(pick(parts.plain, 'name')),
    forwarding: orNull(pick(parts.forwarding, 'name')),
    fixed: orNull(pick(parts.fixed, 'name')),
    filed: orNull(pick(parts.filed, 'name')),
    granted: orNull(pick(parts.granted, 'name')),
    exchanged: orNull(pick(parts.exchanged, 'name')),
    contextual: orNull(pick(parts.contextual, 'name')),
  }),
);

@Controller()
class All {
  @Access()
  @Get('all')
  @Screen(all)
  all() {
    return {};
  }
}

/** The texts that must reach one upstream each, and nothing else. */
const secrets = { fixed: 's3cret-fixed', filed: 's3cret-filed', client: 's3cret-client', issued: 's3cret-issued' };

describe('A11: credentials go where policy sends them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'a11-'));
  const upstreams = new Map<Kind, RawServer>();
  let other: RawServer;
  let tokens: RawServer;
  let collector: { readonly bodies: string[]; readonly url: string; stop(): void };
  let issuer: Issuer;
  let key: SigningKey;
  let gateway: Gateway;
  let urls: { readonly url: string; readonly adminUrl?: string };
  let token = '';

  beforeAll(async () => {
    for (const kind of kinds) upstreams.set(kind, await RawServer.start(rawReplies.json({ id: 'i-1', name: kind })));
    other = await RawServer.start(rawReplies.json({ id: 'i-1', name: 'other' }));
    tokens = await RawServer.start(
      rawReplies.json({ access_token: secrets.issued, token_type: 'Bearer', expires_in: 300 }),
    );
    collector = await collect();
    key = await signingKey('k', 'ES256');
    issuer = await Issuer.start(key);
    token = await tokenOf(key);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(join(folder, 'filed'), secrets.filed);
    writeFileSync(
      join(folder, 'keys.json'),
      JSON.stringify({ keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'c' }] }),
    );
    const file = join(folder, 'bff.yaml');
    writeFileSync(file, policy());
    gateway = createGateway(
      { module: class {}, controllers: [All] },
      { loaded: loadConfig(file, { env: {}, environment: 'test' }) },
    );
    urls = await gateway.start();
  });
  afterAll(async () => {
    await gateway.close();
    await Promise.all([...upstreams.values(), other, tokens].map((server) => server.stop()));
    await issuer.stop();
    collector.stop();
    rmSync(folder, { recursive: true });
  });

  function policy(): string {
    const client = `tokenUrl: '${tokens.url}/token', clientId: shop, clientSecret: ${secrets.client}`;
    const own: Record<Kind, string> = {
      plain: '',
      forwarding: 'forwardAuthorization: true',
      fixed: `credentials: { header: x-partner, value: ${secrets.fixed} }`,
      filed: 'credentials: { header: x-partner, file: filed }',
      granted: `credentials: { header: x-partner, clientCredentials: { ${client} } }`,
      exchanged: `credentials: { header: x-partner, tokenExchange: { ${client} } }`,
      contextual: 'userContext: true',
    };
    const blocks = kinds.map(
      (kind) =>
        `  ${kind}:\n    urls: ['${upstreams.get(kind)?.url ?? ''}', '${other.url}']\n    followRedirects: 1\n    ${own[kind]}\n`,
    );
    return [
      'bff: spec',
      'listen: { port: 0, adminPort: 0 }',
      `log: { level: debug, file: '${join(folder, 'log')}' }`,
      `tracing: { sampleRatio: 100%, otlp: { url: '${collector.url}' } }`,
      `access: { jwt: { issuer: https://id.example.test, audience: mobile-bff, jwks: '${issuer.jwks}' } }`,
      'userContext: { audience: acme, keysFile: keys.json }',
      `upstreams:\n${blocks.join('')}`,
    ].join('\n');
  }

  const ask = () =>
    fetch(`${urls.url}/all`, {
      headers: {
        authorization: `Bearer ${token}`,
        cookie: 'session=s3cret-cookie',
        'x-partner': 'forged',
        'txn-token': 'forged',
      },
    });
  /** An address is chosen at random: asks until these upstreams had a call at their own, forty times at most. */
  const askAll = async (among: readonly Kind[] = kinds): Promise<void> => {
    const before = new Map(among.map((kind) => [kind, upstreams.get(kind)?.requests.length ?? 0]));
    for (let turn = 0; turn < 40; turn++) {
      expect((await ask()).status).toBe(200);
      if (among.every((kind) => (upstreams.get(kind)?.requests.length ?? 0) > (before.get(kind) ?? 0))) return;
    }
    throw new Error('an upstream had no call in forty requests');
  };
  /** The fields with credentials of the last request that an upstream got at its own path. */
  const seen = (server: RawServer | undefined) => {
    const {
      authorization,
      cookie,
      'x-partner': partner,
      'txn-token': context,
    } = server?.requests.at(-1)?.headers ?? {};
    return Object.fromEntries(
      Object.entries({ authorization, cookie, partner, context: context && 'signed' }).filter(
        ([, value]) => value !== undefined,
      ),
    );
  };

  it('each upstream gets its own, and nothing of the request or of another upstream', async () => {
    await askAll();
    expect(Object.fromEntries(kinds.map((kind) => [kind, seen(upstreams.get(kind))]))).toEqual({
      plain: {},
      forwarding: { authorization: `Bearer ${token}` },
      fixed: { partner: secrets.fixed },
      filed: { partner: secrets.filed },
      granted: { partner: secrets.issued },
      exchanged: { partner: secrets.issued },
      contextual: { context: 'signed' },
    });
    const signed = upstreams.get('contextual')?.requests.at(-1)?.headers['txn-token'];
    expect([signed?.split('.').length, signed?.includes('forged')]).toEqual([3, false]);
  });

  it('not to the target of a redirect on another origin, although it is an address of the upstream', async () => {
    for (const server of upstreams.values()) server.reply = rawReplies.redirect(307, `${other.url}/moved`);
    // Otherwise calls would soon begin there alone, because one hop is faster than two.
    const [moved200, own503] = [rawReplies.json({ id: 'i-1', name: 'other' }), rawReplies.json({}, {}, 503)];
    other.reply = (socket, request) => (request.target === '/moved' ? moved200 : own503)(socket, request);
    await askAll();
    const moved = other.requests.filter(({ target }) => target === '/moved');
    expect(moved.length).toBeGreaterThanOrEqual(kinds.length);
    for (const { headers } of moved) {
      expect(Object.keys(headers).filter((name) => /authorization|cookie|partner|txn-token/.test(name))).toEqual([]);
      expect(JSON.stringify(headers)).not.toMatch(/s3cret/);
      expect(JSON.stringify(headers)).not.toContain(token);
    }
  });

  it('not into problems, logs, metrics, descriptions or spans, whether a call succeeds or fails', async () => {
    for (const reply of [rawReplies.reset(), rawReplies.json({}, {}, 401), rawReplies.json({}, {}, 500)]) {
      for (const server of upstreams.values()) server.reply = reply;
      await askAll(['granted', 'contextual']);
    }
    tokens.reply = rawReplies.json({ error: 'invalid_client', error_description: secrets.client }, {}, 401);
    const texts = [await (await ask()).text()];
    for (const page of ['/metrics', '/describe', '/openapi.json', '/jwks.json', '/readyz'])
      texts.push(await (await fetch(`${urls.adminUrl ?? ''}${page}`)).text());
    const signed = upstreams.get('contextual')?.requests.at(-1)?.headers['txn-token'] ?? 'none';
    await gateway.close();
    texts.push(readFileSync(join(folder, 'log'), 'utf8'), ...collector.bodies);
    expect(collector.bodies.length).toBeGreaterThan(0);
    const whole = texts.join('\n');
    expect(whole).toContain('"part":"granted"');
    for (const secret of [...Object.values(secrets), 's3cret-cookie', token, signed]) {
      expect(whole).not.toContain(secret);
      expect(whole).not.toContain(Buffer.from(secret).toString('base64'));
    }
  });
});

/** A receiver of spans. */
async function collect() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString('latin1'));
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server that listens has such an address.
  const { port } = server.address() as AddressInfo;
  return { bodies, url: `http://127.0.0.1:${port}/v1/traces`, stop: () => void server.close() };
}
