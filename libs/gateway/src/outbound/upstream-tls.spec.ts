import { Controller, Get } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { expect, it } from 'vitest';
import { Authority } from '../fixtures/certificates.js';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const item = screen(
  plan('tls.item', { deadlineMs: 5_000 }, () => ({ item: required(getItem, { path: { id: 'i-1' } }) })),
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

it('a file of TLS that cannot be used stops the start, at its line of the policy', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'upstream-tls-'));
  const authority = new Authority();
  const [one, other] = ['one', 'other'].map((name) => authority.issue({ name: `/CN=${name}` }));
  writeFileSync(join(folder, 'one.pem'), one?.cert ?? '');
  writeFileSync(join(folder, 'other.key'), other?.key ?? '');
  const start = (tls: string): Promise<string> =>
    GatewayUnderTest.start({
      controllers: [Items],
      upstreams: `  shop:\n    urls: [https://shop.test]\n    tls:\n${tls}`,
    }).then(String, String);
  expect(await start('      minVersion: TLSv1.3\n      ca: none.pem')).toMatch(
    /\.yaml:\d+:11 {2}the file \S+none\.pem cannot be read \(ENOENT\)/,
  );
  const failure = await start(`      certificate: ${folder}/one.pem\n      key: ${folder}/other.key`);
  expect(failure).toMatch(/\.yaml:\d+:12 {2}it does not belong to the certificate/);
  expect(failure).not.toContain('PRIVATE');
  rmSync(folder, { recursive: true });
});
