import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, sourcesOf, type Peer } from './peer.js';
import { startServer } from './start-server.js';

/** Members of a product that the screen does not show. `allow` does not reach into lists, so flatmap removes them. */
const removed = ['sku', 'description', 'reviews', 'stock', 'category', 'attributes'];

/** Lura, the engine of KrakenD, with its Gin router. */
export const krakendEngine: Peer = {
  name: 'krakend-engine',
  needs: ['go'],
  build: (folder) => {
    cpSync(sourcesOf('krakend-engine'), folder, { recursive: true });
    command(folder, ['go', 'mod', 'tidy']);
    command(folder, ['go', 'build', '-o', 'server', '.']);
  },
  server: (folder) => ({
    name: 'krakend engine',
    start: (world) => {
      const file = join(world.folder, 'krakend.json');
      writeFileSync(file, JSON.stringify(configuration(world.upstreamUrl, world.upstreamConnections)));
      return startServer([join(folder, 'server')], world, { env: { CONFIG_FILE: file } });
    },
  }),
};

function configuration(host: string, connections: number): object {
  const products = (path: string, name: string, members: readonly string[]): object => ({
    url_pattern: path,
    host: [host],
    extra_config: {
      'github.com/devopsfaith/krakend/proxy': {
        // It takes the place of `allow` and `mapping`.
        flatmap_filter: [
          ...members.map((member) => ({ type: 'del', args: [`items.*.${member}`] })),
          { type: 'move', args: ['items', name] },
        ],
      },
    },
  });
  const object = (path: string, group: string, allow: readonly string[]): object => ({
    url_pattern: path,
    host: [host],
    group,
    allow,
  });
  return {
    version: 3,
    timeout: '10s',
    max_idle_connections_per_host: connections,
    endpoints: [
      {
        endpoint: '/home',
        output_encoding: 'json',
        backend: [
          object('/users', 'user', ['name', 'tier', 'points']),
          object('/cart', 'cart', ['count', 'total']),
          products('/recs', 'recommended', [...removed, 'rating']),
          products('/products', 'products', removed),
          { url_pattern: '/notifications', host: [host], allow: ['unread'] },
        ],
      },
    ],
  };
}
