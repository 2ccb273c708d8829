/** The connections of one upstream. */
export interface CarriageConfig {
  /** The transport that carries the calls: through a proxy and over HTTP/2 never `direct`. */
  readonly transport: 'direct' | 'undici' | 'axios';
  /** @default http1 */
  readonly protocol: 'http1' | 'h2';
  /** Calls at once on one connection of HTTP/2. @default 100 */
  readonly streams: number;
  /** The proxy that calls go through; may hold a password, so it is never printed. Absent: none. */
  readonly proxy?: string;
  /** Connections held open to each address. @default 64, or 4 with HTTP/2 */
  readonly connections: number;
  /** Most reads of one client request that share one connection. */
  readonly pipelining: number;
  /** Absent: the authorities of Node, and no certificate of our own. */
  readonly tls?: UpstreamTlsConfig;
}

export interface UpstreamTlsConfig {
  /** Absolute path, in PEM. Absent: the authorities of Node. */
  readonly ca?: string;
  /** Absolute path, in PEM; with `key`. */
  readonly certificate?: string;
  readonly key?: string;
  /** Absent: the host of the address. */
  readonly serverName?: string;
  /** @default TLSv1.2 */
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** @default 2_000 */
  readonly reloadMs: number;
}
