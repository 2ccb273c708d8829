import { readFileSync } from 'node:fs';
import { Controller, Get } from '@nestjs/common';
import { Access, Public } from '@frontage/auth';
import { RateClass } from '@frontage/throttling';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';

const page = readFileSync(new URL('../../../../docs/limits.md', import.meta.url), 'utf8');
const section = page.slice(page.indexOf('## The use of a caller'));
const blockOf = (language: string): string => new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``).exec(section)?.[1] ?? '';

@Controller()
class Shop {
  @Access()
  @RateClass('interactive')
  @Get('orders')
  orders() {
    return [];
  }

  @Public()
  @RateClass('open')
  @Get('open')
  open() {
    return {};
  }
}

const policy = `${takesTokens}${blockOf('yaml')}
rateClasses:
  interactive: [{ per: user, limit: 3, window: 1m }, { per: tenant, limit: 10, window: 1h }, { per: app, limit: 1000, window: 1s }]
  open: [{ per: address, limit: 50, window: 1m }]
`;

let app: GatewayUnderTest | undefined;
afterEach(async () => {
  await app?.stop();
  app = undefined;
});
const started = async (text: string): Promise<GatewayUnderTest> =>
  (app = await GatewayUnderTest.start({ controllers: [Shop], policy: text, upstreams: '' }));

interface Limit {
  readonly policy: string;
  readonly used: number;
}
const limitsOf = async (gateway: GatewayUnderTest, token: string): Promise<readonly Limit[]> => {
  const response = await gateway.ask('/limits', { token });
  const { limits } = (await response.json()) as { limits: readonly Limit[] };
  return limits;
};

describe('the endpoint of usage', () => {
  it('tells a caller its own limits as docs/limits.md shows them, and counts nothing by that', async () => {
    const gateway = await started(policy);
    const ada = await gateway.tokenOf('ada', 'acme');
    await gateway.ask('/orders', { token: ada });
    for (let asked = 0; asked < 3; asked++) {
      const response = await gateway.ask('/limits', { token: ada });
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('ratelimit')).toBeNull();
      const text = (await response.text())
        .replace(/"reset":6[0-3]/, '"reset":60')
        .replace(/"reset":3[67]\d\d/, '"reset":3600');
      const { limits } = JSON.parse(text) as { limits: readonly Limit[] };
      expect({ limits: limits.filter((one) => one.policy.startsWith('interactive')) }).toEqual(
        JSON.parse(blockOf('json')),
      );
    }
  });

  it('tells nothing of the use of another caller, and the tenant that both have', async () => {
    const gateway = await started(policy);
    await gateway.ask('/orders', { token: await gateway.tokenOf('ada', 'acme') });
    const used = async (token: string) => (await limitsOf(gateway, token)).map((one) => [one.policy, one.used]);
    expect(await used(await gateway.tokenOf('bob', 'acme'))).toEqual([
      ['interactive', 0],
      ['interactive-tenant', 1],
      ['open', 0],
    ]);
    expect(await used(await gateway.token('eve'))).toEqual([
      ['interactive', 0],
      ['interactive-tenant', 0],
      ['open', 0],
    ]);
  });

  it('tells what an address has used, by addressLimit too, which counts the question', async () => {
    const gateway = await started(`${policy}addressLimit: { limit: 100, window: 1m }\n`);
    for (let asked = 0; asked < 4; asked++) await gateway.ask('/open');
    const limits = await limitsOf(gateway, await gateway.token('ada'));
    expect(limits.slice(-2)).toMatchObject([
      { policy: 'open', per: 'address', used: 4 },
      { policy: 'address', per: 'address', used: 5 },
    ]);
  });

  it('wants a caller', async () => {
    const gateway = await started(policy);
    expect((await gateway.ask('/limits')).status).toBe(401);
  });

  it('is absent without the key, and stops the start of an app that takes no tokens', async () => {
    const gateway = await started(policy.replace(blockOf('yaml'), ''));
    expect((await gateway.ask('/limits', { token: await gateway.token('ada') })).status).toBe(404);
    await expect(GatewayUnderTest.start({ controllers: [], policy: blockOf('yaml'), upstreams: '' })).rejects.toThrow(
      'GET /limits asks for a caller, but this app takes no tokens',
    );
  });
});
