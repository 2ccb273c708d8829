import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classifyNames } from '@frontage/core';
import { workspaceRoot } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { ReservationController } from './logs-example.js';

const page = readFileSync(join(workspaceRoot, 'docs/logs.md'), 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);

const folder = mkdtempSync(join(tmpdir(), 'logs-page-'));
const file = join(folder, 'app.log');
let app: GatewayUnderTest;
beforeAll(async () => {
  classifyNames(['recipient']);
  app = await GatewayUnderTest.start({
    controllers: [ReservationController],
    upstreams: '',
    log: `{ file: '${file}' }`,
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

const reserve = async (): Promise<void> => {
  const response = await app.post('/reservations', { sku: 'p-101', recipient: 'Ada Lovelace' });
  expect(response.status).toBe(201);
  await response.text();
};

/** A line without what differs each time. */
const stable = (line: string): string =>
  line
    .replace(/"time":"[^"]*"/, '"time":""')
    .replace(/"requestId":"[^"]*"/, '"requestId":""')
    .replace(/"traceId":"[0-9a-f]{32}"/, '"traceId":""')
    .replace(/"durationMs":[\d.]+/, '"durationMs":0')
    .replace('"app":"spec"', '"app":"shop"');

describe('docs/logs.md', () => {
  it('shows the code that is run here', () => {
    const [code = ''] = blocks('ts');
    expect(readFileSync(join(workspaceRoot, 'test/pages/logs-example.ts'), 'utf8')).toContain(code);
  });

  it('shows the responses of the admin port', async () => {
    await reserve();
    const [transcript = ''] = blocks('sh');
    const asked = transcript.split(/^\$ /m).slice(1);
    expect(asked).toHaveLength(3);
    for (const one of asked) {
      const [, body] = /-d '([^']*)'/.exec(one) ?? [];
      const path = /http:\/\/127\.0\.0\.1:5001(\S+)/.exec(one)?.[1] ?? '';
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(app.adminUrl + path, body === undefined ? {} : { method: 'POST', headers, body });
      expect(JSON.stringify(await response.json())).toBe(one.trimEnd().split('\n').at(-1));
      // Between the change and its end, lines of level debug are written.
      if (one.includes('debug') && body !== undefined) await reserve();
    }
    await app.stop();
  });

  it('shows the lines of the log', () => {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const [shown = ''] = blocks('json');
    expect(lines.slice(0, 2).map(stable)).toEqual(shown.trimEnd().split('\n').map(stable));
    expect(lines.map((line) => /"msg":"([^"]*)"/.exec(line)?.[1])).toEqual(
      ['reserved', 'request', 'reserved', '2 left', 'request'],
    ); // prettier-ignore
  });
});
