import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest, policyFile } from '../fixtures/gateway-under-test.js';
import { signatureIn, valuesOfTarget } from './signatures.js';

const attacks: Readonly<Record<string, readonly string[]>> = {
  'sql-union': ['1 UNION SELECT password FROM users', "x' union all select null,null--"],
  'sql-always-true': ["' OR '1'='1", "admin' or 1=1", '1 AND 1=1', "x') and ('a' like 'a"],
  'sql-second-statement': ['1; DROP TABLE orders', "a';delete from users"],
  'sql-comment': ["admin'--", "admin' /*"],
  'sql-function': ['1-SLEEP(5)', "1'; waitfor delay '0:0:5"],
  'html-script': ['<script>alert(1)</script>', '<IFRAME SRC=x>', '< svg/onload=a>'],
  'html-handler': ['"><img src=x onerror=alert(1)>', '<a href=x\tonclick = a>'],
  'html-scheme': ['javascript:alert(1)', 'data:text/html;base64,x'],
};

const harmless = [
  "O'Reilly",
  "Y'all come back now",
  'union square',
  'select a size',
  '5 or 6 chairs',
  'rock and roll',
  '"wood" and "sign"',
  '1/2" x 3/4" -- brass',
  "rock 'n' roll # 1",
  'a < b and b > c',
  'I <3 <3 the doctor',
  'drop table lamp',
  'sleep mask',
  'on=off',
  'image <b>bold</b>',
  'https://shop.example.test/?next=/cart',
];

describe('the signatures of attacks', () => {
  it.each(Object.entries(attacks).flatMap(([name, texts]) => texts.map((text) => [name, text])))(
    '%s is found in %j',
    (name, text) => {
      expect(signatureIn(text)).toBe(name);
    },
  );

  it.each(harmless)('nothing is found in %j', (text) => {
    expect(signatureIn(text)).toBeUndefined();
  });

  it('nothing is found in the contracts of this workspace', () => {
    const folder = new URL('../../../upstreams/', import.meta.url);
    const contracts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('openapi.yaml') && !file.includes('node_modules'),
    );
    expect(contracts.length).toBeGreaterThan(5);
    const lines = contracts.flatMap((file) => readFileSync(new URL(file, folder), 'utf8').split('\n'));
    expect(lines.filter((line) => signatureIn(line) !== undefined)).toEqual([]);
  });

  it('are found in the path and the query, decoded once and twice', () => {
    for (const target of [
      '/items/%3Cscript%3E',
      '/items/%253Cscript%253E',
      '/search?q=%3Cscript%3E',
      '/a?%3Cscript%3E=1',
    ])
      expect([target, valuesOfTarget(target).map(signatureIn).find(Boolean)]).toEqual([target, 'html-script']);
    expect(valuesOfTarget('/items/%zz%zz?q=1+union+select').map(signatureIn)).toEqual([
      undefined,
      undefined,
      'sql-union',
    ]);
  });

  it('take time linear in a text (A16)', () => {
    const texts = ["'", '<a ', ' or ', '1 and ', ';update ', '<', 'on', "' or '", 'union '].map((piece) =>
      piece.repeat(50_000 / piece.length),
    );
    for (const text of texts) {
      const started = process.cpuUsage();
      signatureIn(text);
      const { user, system } = process.cpuUsage(started);
      expect([text.slice(0, 8), (user + system) / 1_000 < 200]).toEqual([text.slice(0, 8), true]);
    }
  });

  it('are those of docs/hardening.md', () => {
    const page = readFileSync(new URL('../../../../docs/hardening.md', import.meta.url), 'utf8');
    const section = page.slice(page.indexOf('## Signatures'), page.indexOf('## Every bound'));
    const named = [...section.matchAll(/^\| `((?:sql|html)-[a-z-]+)`/gm)].map(([, name]) => name);
    expect(named).toEqual(Object.keys(attacks));
  });
});

@Public()
@Controller()
class Search {
  @Get('search')
  search(): string {
    return 'found';
  }
}

let folder: string;
let app: GatewayUnderTest | undefined;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'signatures-'))));
afterEach(async () => {
  await app?.stop();
  app = undefined;
  rmSync(folder, { recursive: true });
});

describe('the policy of `signatures`', () => {
  const start = async (signatures: string): Promise<GatewayUnderTest> =>
    (app = await GatewayUnderTest.start({
      controllers: [Search],
      upstreams: '',
      policy: `auditLog: { file: ${join(folder, 'audit')} }\n${signatures}`,
    }));
  const eventsOf = async (): Promise<readonly (readonly [unknown, unknown, unknown])[]> => {
    await app?.stop();
    app = undefined;
    const lines = readFileSync(join(folder, 'audit'), 'utf8').trimEnd().split('\n').slice(1, -1);
    expect(lines.join('\n')).not.toContain('1=1');
    return lines.map((line) => {
      const { event, what, why } = JSON.parse(line) as Record<string, unknown>;
      return [event, what, why];
    });
  };
  const target = `/search?q=${encodeURIComponent("' or 1=1")}`;

  it('reports, and lets the request through', async () => {
    expect((await (await start('signatures: { mode: report }\n')).ask(target)).status).toBe(200);
    expect(await eventsOf()).toEqual([['signature.seen', 'sql-always-true', undefined]]);
  });

  it('refuses where a team asks for it, but for those that it leaves out', async () => {
    const running = await start('signatures: { mode: refuse, ignore: [html-script] }\n');
    expect((await running.ask(target)).status).toBe(403);
    expect((await running.ask('/search?q=%3Cscript%3E')).status).toBe(200);
    expect(await eventsOf()).toEqual([['signature.refused', undefined, 'the signature sql-always-true']]);
  });

  it('looks for none without it', async () => {
    expect((await (await start('')).ask(target)).status).toBe(200);
    expect(await eventsOf()).toEqual([]);
  });

  it('does not report to nobody', () => {
    const file = policyFile('bff: spec\nlisten: { port: 0 }\nsignatures: { mode: report }\n');
    expect(() => loadConfig(file, { env: {}, environment: 'test' })).toThrow('add "auditLog"');
  });
});
