import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { command, sourcesOf, type Peer } from './peer.js';
import { startServer } from './start-server.js';

const product = 'id title price { amount currency } image';
const query = `{ user { name tier points } cart { count total } recs { items { ${product} } } products { items { ${product} rating } } notifications { unread } }`;

interface Screen {
  readonly data: {
    readonly user: object;
    readonly cart: object;
    readonly recs: { readonly items: readonly object[] };
    readonly products: { readonly items: readonly object[] };
    readonly notifications: { readonly unread: number };
  };
}

/** Apollo Server with one resolver per service, over undici. */
export const apolloServer: Peer = {
  name: 'apollo-server',
  needs: ['npm'],
  build: (folder) => {
    cpSync(sourcesOf('apollo-server'), folder, { recursive: true });
    command(folder, ['npm', 'install', '--no-audit', '--no-fund']);
  },
  server: (folder) => ({
    name: 'apollo server',
    start: (world) =>
      startServer([process.execPath, join(folder, 'server.mjs')], world, {
        path: `/?query=${encodeURIComponent(query)}`,
        headers: { 'apollo-require-preflight': 'true' },
        screenIn: (body) => {
          const { user, cart, recs, products, notifications } = (body as Screen).data;
          return { user, cart, recommended: recs.items, products: products.items, unread: notifications.unread };
        },
      }),
  }),
};
