import { Body, Controller, Get, Header, Post } from '@nestjs/common';
import { loadConfig } from '@frontage/config';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest, policyFile, takesTokens } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';
import { Cors } from './cors.js';

const itemScreen = screen(
  plan('spec.corsItem', { deadlineMs: 2000 }, () => ({ item: required(getItem, { path: { id: 'i-1' } }) })),
  ({ item }) => pick(item, 'id'),
);

@Controller()
class Shop {
  @Get('item')
  @Public()
  @Screen(itemScreen)
  item() {
    return {};
  }
  @Get('written')
  @Public()
  @Header('Vary', 'accept-language')
  written(): string {
    return 'by hand';
  }
  @Post('orders')
  @Access()
  order(@Body() body: unknown): unknown {
    return { body };
  }
}

let app: GatewayUnderTest;
let closed: GatewayUnderTest;
beforeAll(async () => {
  const cors = `cors:
  origins: [https://shop.example.test, 'https://*.preview.example.test', 'http://localhost:5173']
  credentials: true
  headers: [Authorization, X-Csrf]
`;
  app = await GatewayUnderTest.start({
    controllers: [Shop],
    policy: `${takesTokens}${cors}addressLimit: { limit: 40, window: 1h }\n`,
  });
  closed = await GatewayUnderTest.start({ controllers: [Shop], policy: takesTokens });
});
afterAll(async () => {
  await app?.stop();
  await closed?.stop();
});

const shop = 'https://shop.example.test';
const field = (response: Response, name: string): string | null => response.headers.get(`access-control-${name}`);
const preflight = (path: string, origin: string, gateway = app): Promise<Response> =>
  gateway.ask(path, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
  });

describe('responses to pages of other origins (H12)', () => {
  it.each(['/item', '/written'])('name the one origin that is listed, and vary by it: %s', async (path) => {
    for (const origin of [shop, 'https://pr-7.preview.example.test', 'http://localhost:5173']) {
      const response = await app.ask(path, { headers: { origin } });
      expect(response.status).toBe(200);
      expect(field(response, 'allow-origin')).toBe(origin);
      expect(field(response, 'allow-credentials')).toBe('true');
      expect(field(response, 'expose-headers')).toBe('x-request-id, retry-after, ratelimit, ratelimit-policy');
      expect(response.headers.get('vary')).toMatch(/\borigin\b/);
    }
  });

  it.each([
    'null',
    'https://evil.test',
    'http://shop.example.test',
    'https://shop.example.test:8443',
    'https://shop.example.test.evil.test',
    'https://evilshop.example.test',
    'https://preview.example.test',
    'https://a.b.preview.example.test',
    'https://.preview.example.test',
    'https://evil.test/.preview.example.test',
    'https://evil.test#.preview.example.test',
    'https://*.preview.example.test',
    'https://shop.example.test, https://evil.test',
    'HTTPS://SHOP.EXAMPLE.TEST',
    '*',
    '',
  ])('name no origin that is not listed: %j', async (origin) => {
    const response = await app.send(`GET /item HTTP/1.1\r\nhost: x\r\norigin: ${origin}\r\nconnection: close\r\n\r\n`);
    expect(response).toMatch(/^HTTP\/1\.1 200 /);
    expect(response).not.toMatch(/^access-control-/im);
    expect(response).toMatch(/^vary: origin\r$/im);
  });

  it('are readable where the request is refused, and vary where no page asks', async () => {
    const refused = await app.post('/orders', {}, { origin: shop });
    expect([refused.status, field(refused, 'allow-origin')]).toEqual([401, shop]);
    const lost = await app.ask('/nothing', { headers: { origin: shop } });
    expect([lost.status, field(lost, 'allow-origin')]).toEqual([404, shop]);
    expect((await app.ask('/item')).headers.get('vary')).toBe('origin');
  });

  it('have no such field without `cors`', async () => {
    const response = await closed.ask('/item', { headers: { origin: shop } });
    expect([field(response, 'allow-origin'), response.headers.get('vary')]).toEqual([null, null]);
    expect((await preflight('/orders', shop, closed)).status).toBe(405);
  });

  it('never name an origin outside of the list, whatever it looks like', () => {
    const config = { origins: ['https://a.test', 'https://*.b.test'], headers: [], exposeHeaders: [], maxAgeMs: 0 };
    const cors = new Cors({ ...config, credentials: true });
    const piece = fc.constantFrom(
      'https://',
      'http://',
      'a',
      'b',
      '.',
      '.test',
      '.b.test',
      '*',
      '/',
      '@',
      '#',
      ':',
      'null',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const origin = pieces.join('');
        const isListed = origin === 'https://a.test' || /^https:\/\/[a-z]+\.b\.test$/.test(origin);
        expect(cors.fieldsFor(origin).includes('access-control-allow-origin')).toBe(isListed);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a preflight (H12)', () => {
  it('is answered before access is asked for, with the methods of the routes', async () => {
    const response = await preflight('/orders?x=1', shop);
    expect(response.status).toBe(204);
    expect(field(response, 'allow-origin')).toBe(shop);
    expect(field(response, 'allow-methods')).toBe('POST');
    expect(field(response, 'allow-headers')).toBe('authorization, x-csrf');
    expect(field(response, 'max-age')).toBe('600');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('vary')).toBe('origin, access-control-request-method, access-control-request-headers');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-request-id')).toEqual(expect.any(String));
    expect(field(await preflight('/item', shop), 'allow-methods')).toBe('GET, HEAD');
  });

  it('of another origin is refused in words, and one for an unknown path is not found', async () => {
    for (const origin of ['null', 'https://evil.test']) {
      const refused = await preflight('/orders', origin);
      expect([refused.status, field(refused, 'allow-origin')]).toEqual([403, null]);
      expect(await refused.json()).toMatchObject({ detail: 'Pages of this origin may not call this app.' });
    }
    expect((await preflight('/nothing', shop)).status).toBe(404);
  });

  it('closes the connection where a body is left unread', async () => {
    const head = `origin: ${shop}\r\naccess-control-request-method: POST\r\ncontent-length: 500000\r\n`;
    const response = await app.send(`OPTIONS /orders HTTP/1.1\r\nhost: x\r\n${head}\r\n${'x'.repeat(1000)}`);
    expect(response).toMatch(/^HTTP\/1\.1 204 /);
    expect(response).toMatch(/^connection: close\r$/im);
  });

  it('is counted by the limit of the address', async () => {
    let response = await preflight('/orders', shop);
    for (let i = 0; i < 60 && response.status === 204; i++) response = await preflight('/orders', shop);
    expect([response.status, field(response, 'allow-origin')]).toEqual([429, shop]);
  });
});

describe('the policy of `cors`', () => {
  const load = (cors: string): unknown =>
    loadConfig(policyFile(`bff: spec\nlisten: { port: 0 }\ncors: ${cors}\n`), { env: {}, environment: 'test' });

  it.each(["'*'", "'null'", "'https://*'", "'https://*.test'", 'https://a.test/', "'https://a.*.test'", 'a.test'])(
    'refuses the origin %s',
    (origin) => {
      expect(() => load(`{ origins: [${origin}] }`)).toThrow('expected an origin such as https://shop.example.com');
    },
  );

  it('refuses leave for every header field', () => {
    expect(() => load("{ origins: [https://a.test], headers: ['*'] }")).toThrow('the name of a header field');
  });
});
