// KrakenD community edition. Written from its documentation and not yet run: check its response before its figures are
// believed. Its `allow` lists do not reach into lists without flatmap, so it sends the products whole: less work, more bytes.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, serverCore, startPinned } from '../runs/child.js';
import type { Peer } from './peer.js';

export const krakend: Peer = {
  name: 'krakend',
  missing: () => (spawnSync('which', ['krakend']).status === 0 ? undefined : 'not installed'),
  start: async ({ folder, scenario, upstreamUrl, upstreamConnections }) => {
    const [port = 0] = await freePorts(1);
    const file = join(folder, 'krakend.json');
    writeFileSync(file, JSON.stringify(configuration(scenario.path, upstreamUrl, upstreamConnections)));
    const child = startPinned(serverCore, ['krakend', 'run', '--config', file, '--port', String(port)]);
    return { child, url: `http://127.0.0.1:${port}${scenario.path}`, hasProbe: false, answersItsOwnWay: true };
  },
};

function configuration(endpoint: string, host: string, connections: number): object {
  const backend = (path: string, group: string, allow: readonly string[]): object => ({
    url_pattern: path,
    host: [host],
    group,
    allow,
  });
  return {
    $schema: 'https://www.krakend.io/schema/krakend.json',
    version: 3,
    timeout: '10s',
    max_idle_connections_per_host: connections,
    extra_config: { 'telemetry/logging': { level: 'ERROR', stdout: false } },
    endpoints: [
      {
        endpoint,
        output_encoding: 'json',
        backend: [
          backend('/users', 'user', ['name', 'tier', 'points']),
          backend('/cart', 'cart', ['count', 'total']),
          backend('/recs', 'recommended', ['items']),
          backend('/products', 'products', ['items']),
          backend('/notifications', 'notifications', ['unread']),
        ],
      },
    ],
  };
}
