import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { channels, type Contract, type OperationInfo, type Warning } from '@frontage/core';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

const contract: Contract = {
  ...getItem.contract,
  securitySchemes: {
    key: { kind: 'query', name: 'app id' },
    header: { kind: 'header', name: 'X-Key' },
    cookie: { kind: 'cookie', name: 'session' },
    login: { kind: 'basic' },
    token: { kind: 'bearer' },
  },
};

type Changes = Partial<Pick<OperationInfo, 'parameters' | 'path'>>;

/** An app whose only screen calls an operation with that security. */
async function started(
  security: OperationInfo['security'],
  policy: string,
  more: Changes = {},
): Promise<GatewayUnderTest> {
  const called = { ...getItem, contract, ...(security && { security }), ...more };
  const item = screen(
    plan('secrets.item', { deadlineMs: 5_000 }, () => ({ item: required(called, { path: { id: 'i-1' } }) })),
    (parts) => pick(parts.item, 'name'),
  );
  @Public()
  @Controller()
  class Items {
    @Get('item')
    @Screen(item)
    show() {
      return {};
    }
  }
  const app = await GatewayUnderTest.start({
    controllers: [Items],
    upstreams: `  shop:\n    urls: ['\${SHOP_URL}']\n${policy}`,
  });
  onTestFinished(() => app.stop());
  return app;
}

/** The request that the upstream gets. */
async function sent(security: OperationInfo['security'], policy: string, more?: Changes) {
  const app = await started(security, policy, more);
  expect((await app.ask('/item')).status).toBe(200);
  const [request] = app.shop.requests;
  const headers = request?.headers ?? {};
  const { authorization, cookie } = headers;
  return {
    target: request?.target,
    ...(authorization !== undefined && { authorization }),
    ...(cookie !== undefined && { cookie }),
    ...(headers['x-key'] !== undefined && { key: headers['x-key'] }),
  };
}

const all = `    security:
      key: { value: 's3cret&1' }
      header: { value: s3cret-2 }
      cookie: { value: s3cret-3 }
      login: { user: ada, value: s3cret-4 }
      token: { value: s3cret-5 }
`;
const path = '/items/i-1';

describe('the secrets that a contract asks for', () => {
  it('stand where its schemes have them', async () => {
    expect(await sent([['key']], all)).toEqual({ target: `${path}?app%20id=s3cret%261` });
    expect(await sent([['header']], all)).toEqual({ target: path, key: 's3cret-2' });
    expect(await sent([['cookie']], all)).toEqual({ target: path, cookie: 'session=s3cret-3' });
    expect(await sent([['login']], all)).toEqual({
      target: path,
      authorization: `Basic ${Buffer.from('ada:s3cret-4').toString('base64')}`,
    });
    expect(await sent([['token']], all)).toEqual({ target: path, authorization: 'Bearer s3cret-5' });
  });

  it('are all those of the first alternative that policy has, and none where the operation takes none', async () => {
    const some = '    security: { header: { value: s3cret-2 }, cookie: { value: s3cret-3 } }\n';
    const both = { target: path, key: 's3cret-2', cookie: 'session=s3cret-3' };
    expect(await sent([['key', 'header'], ['header', 'cookie'], ['cookie']], some)).toEqual(both);
    expect(await sent([[], ['header']], some)).toEqual({ target: path, key: 's3cret-2' });
    expect(await sent([['key'], []], some)).toEqual({ target: path });
    expect(await sent(undefined, some)).toEqual({ target: path });
  });

  it('stand beside arguments, and no argument replaces them', async () => {
    const parameters = [
      ...(getItem.parameters ?? []),
      { name: 'app id', in: 'query', required: true },
      { name: 'X-KEY', in: 'header', required: true },
    ] as const;
    expect(await sent([['key', 'header']], all, { parameters })).toEqual({
      target: `${path}?app%20id=s3cret%261`,
      key: 's3cret-2',
    });
    expect(await sent([['key']], all, { path: '/items/{id}?v=2' })).toEqual({
      target: `${path}?v=2&app%20id=s3cret%261`,
    });
  });

  it.each(['undici', 'direct', 'axios'])('are read from a file, and sent with the transport %s', async (transport) => {
    const file = join(folder, 'key');
    writeFileSync(file, 's3cret-6\n');
    const policy = `    transport: ${transport}\n    security: { key: { file: ${file} } }\n`;
    expect(await sent([['key']], policy)).toEqual({ target: `${path}?app%20id=s3cret-6` });
  });

  it('do not follow a redirect to another origin, also of the same upstream', async () => {
    const other = await RawServer.start(rawReplies.json({ id: 'i-1', name: 'other' }));
    onTestFinished(() => other.stop());
    const app = await started([['key', 'header', 'cookie']], `${all}    followRedirects: 2\n`);
    const both = await started(
      [['key', 'header', 'cookie']],
      `${all}    followRedirects: 2\n`.replace('    security', `    concurrency: 9\n    security`),
    );
    both.shop.reply = rawReplies.redirect(307, '/items/moved');
    await both.ask('/item');
    expect(both.shop.requests.map(({ target }) => target).slice(0, 2)).toEqual([
      `${path}?app%20id=s3cret%261`,
      '/items/moved?app%20id=s3cret%261',
    ]);
    app.shop.reply = rawReplies.redirect(307, `${other.url}/items/moved`);
    await app.ask('/item');
    expect(other.requests).toEqual([]);
  });

  it('stand in no problem, no warning and no description of a failed call', async () => {
    const warnings: string[] = [];
    const listen = (warning: unknown): void => void warnings.push(JSON.stringify(warning as Warning));
    channels.warning.subscribe(listen);
    onTestFinished(() => {
      channels.warning.unsubscribe(listen);
    });
    const app = await started([['key', 'header', 'cookie', 'login']], all);
    for (const reply of [
      rawReplies.reset(),
      rawReplies.json({}, {}, 401),
      rawReplies.bytes('HTTP/1.1 200 OK\r\n\r\n{'),
    ]) {
      app.shop.reply = reply;
      expect(await (await app.ask('/item')).text()).not.toMatch(/s3cret|czNjcmV0/);
    }
    const metrics = await (await fetch(`${app.adminUrl}/metrics`)).text();
    expect(metrics + warnings.join()).not.toMatch(/s3cret|czNjcmV0/);
  });
});

describe('a secret that is missing', () => {
  it('beside others stops the start, and is named with the scheme and its place', async () => {
    const one = '    security: { header: { value: s3cret-2 } }\n';
    await expect(started([['key', 'header'], ['login']], one)).rejects.toThrow(
      /bff\d+\.yaml:\d+:\d+ .*getItem called with key \(a key in the query "app id"\) and header .*, or login \(user and password\)/,
    );
  });

  it('is a warning at the start where policy has none at all: another party may add it', async () => {
    const warnings: string[] = [];
    const listen = (warning: unknown): void => void warnings.push((warning as Warning).message);
    channels.warning.subscribe(listen);
    await started([['key']], '');
    await started([['token']], '    forwardAuthorization: true\n');
    await started([['header']], '    credentials: { header: x-key, value: s3cret }\n');
    channels.warning.unsubscribe(listen);
    expect(warnings.filter((message) => message.includes('security'))).toEqual([
      'the contract of "shop" has getItem called with key (a key in the query "app id"); give the secret under security',
    ]);
  });

  it.each([
    ['    security: { kye: { value: s3cret } }\n', /no security scheme "kye"; there: key, header/],
    ['    security: { key: { value: s3cret, file: /x } }\n', /takes either "value"/],
    ['    security: { key: { user: ada } }\n', /takes either "value"/],
    ['    security: { key: { file: /nowhere/key } }\n', /the file \/nowhere\/key cannot be read \(ENOENT\)/],
    ['    security: { login: { value: s3cret } }\n', /security\.login needs a user/],
  ])('or wrong in policy is a mistake of it: %s', async (policy, expected) => {
    const failing = started([['key'], ['login']], policy);
    await expect(failing).rejects.toThrow(expected);
    await expect(failing).rejects.not.toThrow(/s3cret/);
  });
});
