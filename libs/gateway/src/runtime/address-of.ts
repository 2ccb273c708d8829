import type { Server } from 'node:net';
import { urlHost } from '@frontage/admin';
import type { BffConfig } from '@frontage/config';

/** The address of an app, as it can be asked: `http://127.0.0.1:4001`. */
export function addressOf({ listen }: Pick<BffConfig, 'listen'>, server: Pick<Server, 'address'>): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : listen.port;
  return `${listen.tls === undefined ? 'http' : 'https'}://${urlHost(listen.host)}:${port}`;
}
