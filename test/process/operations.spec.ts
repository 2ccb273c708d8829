import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '@frontage/config';
import { workspaceRoot } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const page = readFileSync(join(workspaceRoot, 'docs/operations.md'), 'utf8');
const example = (language: string): string => {
  const [, text] = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page) ?? [];
  if (text === undefined) throw new Error(`docs/operations.md has no example in ${language}`);
  return text;
};

interface Probe {
  readonly httpGet: { readonly path: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

interface Container {
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly containerPort: number }[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

interface Pod {
  readonly terminationGracePeriodSeconds: number;
  readonly enableServiceLinks: boolean;
  readonly containers: readonly [Container];
}

const addresses = Object.fromEntries(
  [...readFileSync(join(workspaceRoot, 'apps/mobile/bff.yaml'), 'utf8').matchAll(/\$\{([A-Z_]+_URL)\}/g)].map(
    ([, name = '']) => [name, 'https://service.example'],
  ),
);
const shipped = (env: Readonly<Record<string, string>>) =>
  loadConfig(join(workspaceRoot, 'apps/mobile/bff.yaml'), { env: { ...addresses, ...env } });
/** Time after the grace in which spans and log lines are written. */
const afterwardsMs = 5_000;

describe('the configuration in docs/operations.md', () => {
  it('for Kubernetes fits the shipped policy: no running request is killed', () => {
    const { spec } = (parse(example('yaml')) as { spec: { template: { spec: Pod } } }).spec.template;
    const [bff] = spec.containers;
    const config = shipped(Object.fromEntries(bff.env.map(({ name, value }) => [name, value])));
    const { delayMs, graceMs } = config.shutdown;
    expect(delayMs).toBe(5_000);
    expect(spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThanOrEqual(delayMs + graceMs + afterwardsMs);
    expect(spec.enableServiceLinks).toBe(false);
    expect(bff.ports[0]?.containerPort).toBe(config.listen.port);
    expect([bff.livenessProbe.httpGet.path, bff.readinessProbe.httpGet.path]).toEqual(['/livez', '/readyz']);
    const { periodSeconds, failureThreshold } = bff.readinessProbe;
    expect(periodSeconds * failureThreshold * 1_000).toBeLessThan(delayMs);
  });

  it('for systemd waits as long', () => {
    const { delayMs, graceMs } = shipped({ NODE_ENV: 'production' }).shutdown;
    const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(example('ini'))?.[1]);
    expect(seconds * 1_000).toBeGreaterThanOrEqual(delayMs + graceMs + afterwardsMs);
  });

  it('starts node itself, with a command that exists', () => {
    const container = JSON.parse(/^CMD (.+)$/m.exec(example('dockerfile'))?.[1] ?? '') as readonly string[];
    const { spec } = (parse(example('yaml')) as { spec: { template: { spec: Pod } } }).spec.template;
    const unit = /^ExecStart=\/usr\/bin\/(.+)$/m.exec(example('ini'))?.[1]?.split(' ');
    for (const command of [container, spec.containers[0].command, unit]) {
      expect(command).toEqual(['node', 'node_modules/.bin/frontage', 'serve', 'mobile']);
    }
    expect(existsSync(join(workspaceRoot, 'node_modules/.bin/frontage'))).toBe(true);
  });

  it('keeps connections for longer than every load balancer in the list, except the one that the page names', () => {
    const { keepAliveMs } = shipped({}).listen;
    const rows = [...page.matchAll(/^\|[^|]+\| (\d+) s/gm)].map(([, seconds]) => Number(seconds));
    expect(rows).toHaveLength(5);
    for (const seconds of rows) expect(keepAliveMs).toBeGreaterThan(seconds * 1_000);
  });
});
