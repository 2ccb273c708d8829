import { readFileSync } from 'node:fs';
import { Controller, Get } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { RateClass } from '@frontage/throttling';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest, policyFile, type AppParts } from '../fixtures/gateway-under-test.js';

const page = readFileSync(new URL('../../../../docs/limits.md', import.meta.url), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``, 'g'))].map(([, text = '']) => text);

@Controller()
class Shop {
  @Public()
  @RateClass('interactive')
  @Get('light')
  light() {
    return {};
  }

  @Public()
  @RateClass('interactive', { weight: 2 })
  @Get('heavy')
  heavy() {
    return {};
  }
}

let gateway: GatewayUnderTest | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});
const started = async (parts: AppParts): Promise<GatewayUnderTest> => (gateway = await GatewayUnderTest.start(parts));
const classOf = (rules: string): string => `access: off\nrateClasses: { interactive: [${rules}] }\n`;

describe('docs/limits.md', () => {
  it.each(blocks('yaml'))('has lines of policy that load: %s', (text) => {
    const access = "access: { jwt: { issuer: 'https://id.test', audience: spec, jwks: 'https://id.test/jwks' } }\n";
    const file = policyFile(`bff: spec\nlisten: { port: 0, adminPort: 0 }\n${access}${text}`);
    expect(loadConfig(file, { env: {}, environment: 'test' }).bff).toBe('spec');
  });

  it('shows the fields and the problem that a client gets', async () => {
    const policy = classOf('{ per: user, limit: 2, window: 1m }, { per: app, limit: 100, window: 1s }');
    const app = await started({ controllers: [Shop], policy, upstreams: '' });
    const first = await app.ask('/light');
    const shown = blocks('http')[0] ?? '';
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(shown)?.[1] ?? '';
    expect(first.headers.get('ratelimit-policy')).toBe(field('RateLimit-Policy'));
    // The window is counted in slices, so that a hit stays for up to a twentieth longer.
    expect(
      first.headers
        .get('ratelimit')
        ?.replace(/t=6[0-3]/, 't=60')
        .replace(/t=[12]$/, 't=1'),
    ).toBe(field('RateLimit'));
    await app.ask('/light');
    const refused = await app.ask('/light');
    const { requestId, ...body } = (await refused.json()) as Record<string, unknown>;
    expect(requestId).toBe(refused.headers.get('x-request-id'));
    expect(body).toEqual(JSON.parse(blocks('json')[0] ?? ''));
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThanOrEqual(58);
    expect(wait).toBeLessThanOrEqual(70);
  });
});

describe('limits of a route', () => {
  it('count a request by its weight, together with the other routes of the class', async () => {
    const app = await started({
      controllers: [Shop],
      policy: classOf('{ per: user, limit: 3, window: 1m }'),
      upstreams: '',
    });
    const statuses = [];
    for (const path of ['/heavy', '/heavy', '/light', '/light']) statuses.push((await app.ask(path)).status);
    expect(statuses).toEqual([200, 429, 200, 429]);
  });

  it('let a burst through, and then a request at a time', async () => {
    const app = await started({
      controllers: [Shop],
      policy: classOf('{ per: user, limit: 60, window: 1h, burst: 3 }'),
      upstreams: '',
    });
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await app.ask('/light')).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });

  it.each([
    ['{ per: user, limit: 1, window: 1m }', 'limit', 'a limit of 1'],
    ['{ per: user, limit: 9, window: 1m, burst: 1 }', 'burst', 'a burst of 1'],
  ])('stop the start where a weight would never be admitted by %s', async (rule, key, words) => {
    await expect(started({ controllers: [Shop], policy: classOf(rule), upstreams: '' })).rejects.toThrow(
      new RegExp(`one request to GET /heavy counts as 2, so ${words} never admits it`),
    );
    await expect(started({ controllers: [Shop], policy: classOf(rule), upstreams: '' })).rejects.toThrow(key);
  });

  it('refuse a policy with a burst above its limit, and say where', () => {
    const file = policyFile(
      'bff: spec\nlisten: { port: 0, adminPort: 0 }\nrateClasses:\n  a:\n    - { per: user, limit: 5, window: 1m, burst: 6 }\n',
    );
    expect(() => loadConfig(file, { env: {}, environment: 'test' })).toThrow(
      /yaml:5:\d+ .*6 at once are more than the limit, 5/s,
    );
  });
});
