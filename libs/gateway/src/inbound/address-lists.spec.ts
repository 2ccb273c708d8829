import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Post } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';

const page = readFileSync(new URL('../../../../docs/limits.md', import.meta.url), 'utf8');
const shown = /```text\n([^`]*203\.0\.113\.9[^`]*)```/.exec(page)?.[1] ?? '';

const folder = mkdtempSync(join(tmpdir(), 'lists-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

@Public()
@Controller()
class Shop {
  @Get('open')
  open() {
    return {};
  }

  @Post('orders')
  order() {
    return {};
  }
}

let app: GatewayUnderTest | undefined;
afterEach(async () => {
  await app?.stop();
  app = undefined;
});
const started = async (lists: string, more = ''): Promise<GatewayUnderTest> =>
  (app = await GatewayUnderTest.start({
    controllers: [Shop],
    policy: `addressLists: { ${lists}, reload: 100ms }\n${more}`,
    upstreams: '',
    trustedProxies: 1,
  }));
const fileOf = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

describe('lists of addresses', () => {
  it('refuse the addresses of the file that docs/limits.md shows, by the name that a trusted proxy gives them', async () => {
    const running = await started(`deny: '${fileOf('shown.txt', shown)}'`);
    const statusOf = async (address: string) => (await running.ask('/open', from(address))).status;
    for (const denied of ['203.0.113.9', '198.51.100.77', '2001:db8:bad::1']) expect(await statusOf(denied)).toBe(403);
    for (const other of ['203.0.113.8', '2001:db8:bae::1']) expect(await statusOf(other)).toBe(200);
    expect((await running.ask('/none', from('203.0.113.9'))).status).toBe(403);
    for (const health of ['/livez', '/readyz'])
      expect((await running.ask(health, from('203.0.113.9'))).status).toBe(200);
  });

  it('tell a denied address nothing but 403, and count it for no limit', async () => {
    const running = await started(
      `deny: '${fileOf('one.txt', '203.0.113.9')}'`,
      'addressLimit: { limit: 2, window: 1h }\n',
    );
    for (let asked = 0; asked < 5; asked++) {
      const refused = await running.ask('/open', from('203.0.113.9'));
      expect(refused.headers.get('ratelimit')).toBeNull();
      expect(await refused.json()).toEqual({
        type: 'urn:frontage:problem:GW_FORBIDDEN',
        title: 'Forbidden',
        status: 403,
        code: 'GW_FORBIDDEN',
        requestId: refused.headers.get('x-request-id'),
      });
    }
  });

  it('refuse a body unread, and close', async () => {
    const running = await started(`deny: '${fileOf('body.txt', '203.0.113.0/24')}'`);
    const text = await running.send(
      'POST /orders HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 203.0.113.9\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n',
    );
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    expect(text.toLowerCase()).toContain('connection: close');
  });

  it('let in only allowed addresses, and those of a file that was changed meanwhile', async () => {
    const file = fileOf('allow.txt', '198.51.100.0/24');
    const running = await started(`allow: '${file}'`);
    const statuses = async () => [
      (await running.ask('/open', from('198.51.100.1'))).status,
      (await running.ask('/open', from('203.0.113.9'))).status,
    ];
    expect(await statuses()).toEqual([200, 403]);
    writeFileSync(file, '203.0.113.9\n# moved\n');
    await expect.poll(statuses, { timeout: 10_000 }).toEqual([403, 200]);
    writeFileSync(file, '198.51.100.0/24\n203.0.113.9/99\n');
    for (let looks = 0; looks < 3; looks++) expect(await statuses()).toEqual([403, 200]);
  });

  it.each([
    ["deny: '/nowhere/deny.txt'", /addressLists|deny.*cannot be read/s],
    [`deny: '${fileOf('bad.txt', '10.0.0.1\n10.0.0.300\n')}'`, /bad\.txt:2: "10\.0\.0\.300" is no address or network/],
    ['reload: 1s', /names no list/],
  ])('stop the start with %s', async (lists, message) => {
    await expect(
      GatewayUnderTest.start({ controllers: [Shop], policy: `addressLists: { ${lists} }\n`, upstreams: '' }),
    ).rejects.toThrow(message);
  });
});
