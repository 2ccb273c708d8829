import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { createGateway, Screen } from '@frontage/gateway';
import { workspaceRoot } from '@frontage/testing';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { expect, it, onTestFinished } from 'vitest';
import { policyFile, specModule } from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { getItem } from '../../libs/gateway/src/fixtures/shop.js';

const page = readFileSync(join(workspaceRoot, 'docs/screen-caching.md'), 'utf8');
const policies = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);

const screenOf = (name: string) =>
  screen(
    plan(`shop.${name}`, { deadlineMs: 5_000 }, () => ({ item: required(getItem, { path: { id: '1' } }) })),
    ({ item }) => ({ ...pick(item, 'name'), text: 'The page of a shop, which has a text that stays as it is.' }),
  );

@Public()
@Controller()
class Pages {
  @Get('home')
  @Screen(screenOf('home'))
  home() {
    return {};
  }
  @Get('product')
  @Screen(screenOf('product'))
  product() {
    return {};
  }
  @Get('landing')
  @Screen(screenOf('landing'))
  landing() {
    return {};
  }
}

/** An app with one of the policies of the page, before a service that counts. */
async function appWith(part: string) {
  const service = await RawServer.start((socket, request) =>
    rawReplies.json({ id: '1', name: `Lamp ${request.index}` })(socket, request),
  );
  const policy = policies.find((text) => text.includes(part)) ?? expect.fail(`no policy with ${part}`);
  const access = 'access: { jwt: { issuer: https://id.test, audience: shop, jwks: https://id.test/jwks } }';
  const cache = '{ getItem: { ttl: 5m, scope: public } }';
  const text = `bff: shop\nlisten: { port: 0 }\nlog: { level: silent }\n${access}\nupstreams: { shop: { urls: ['${service.url}'], cache: ${part === 'shop.product' ? cache : '{}'} } }\n${policy}`;
  const loaded = loadConfig(policyFile(text), { env: {}, environment: 'test' });
  const gateway = createGateway(specModule({ controllers: [Pages] }), { loaded, admin: false });
  onTestFinished(async () => {
    await gateway.close();
    await service.stop();
  });
  const { url } = await gateway.start();
  const ask = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(url + path, { headers });
    return { status: response.status, head: response.headers, text: await response.text() };
  };
  return { ask, service };
}

it('each policy of the page about whole screens is one that an app starts with', async () => {
  expect(policies.length).toBe(5);
  for (const text of policies) {
    const part = /shop\.\w+|cacheStatus/.exec(text)?.[0] ?? expect.fail(text);
    await appWith(text.includes('deltas') ? 'deltas' : part);
  }
});

it('etag: a response has a tag; a client that has it gets 304', async () => {
  const { ask, service } = await appWith('etag: true');
  service.reply = rawReplies.json({ id: '1', name: 'Lamp' });
  const tag = (await ask('/home')).head.get('etag') ?? '';
  expect(await ask('/home', { 'if-none-match': tag })).toMatchObject({ status: 304, text: '' });
});

it('maxAge and cdn: a response says for how long it may be used, and by which names it is purged', async () => {
  const { ask } = await appWith('shop.product');
  const { head } = await ask('/product');
  // The age of a response that has just come is part of a second, and counts as one.
  expect(head.get('cache-control')).toMatch(/^public, max-age=6[01]$/);
  expect(head.get('cdn-cache-control')).toMatch(/^max-age=(?:299|300)$/);
  expect(head.get('surrogate-key')).toBe('shop.getItem');
});

it('ttl: the whole response is given again', async () => {
  const { ask, service } = await appWith('shop.landing');
  expect((await ask('/landing')).text).toBe((await ask('/landing')).text);
  expect(service.requests.length).toBe(1);
});

it('deltas: the members that have changed', async () => {
  const { ask } = await appWith('deltas: true');
  const digests = (await ask('/home', { 'frontage-have': '' })).head.get('frontage-digests') ?? '';
  const { text, head } = await ask('/home', { 'frontage-have': digests });
  expect(head.get('content-type')).toContain('application/vnd.frontage.delta+json');
  expect(JSON.parse(text)).toEqual({ members: [['name', 'Lamp 1'], ['text']] });
});
