/** TLS towards `https:` addresses. `bff.yaml` has the same under `upstreams.<name>.tls`. */
export interface UpstreamTls {
  /** File of the authorities, in PEM, that are trusted in place of those of Node. */
  readonly ca?: string;
  /** File of our own certificate in PEM, followed by its intermediates; with `key`. */
  readonly certificate?: string;
  /** File of its private key in PEM, without a passphrase; with `certificate`. */
  readonly key?: string;
  /** The name that the server is asked for, and that its certificate must have. @default the host of the address */
  readonly serverName?: string;
  /** Oldest version of TLS that is spoken. @default 'TLSv1.2' */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Time between two looks at the files, in milliseconds; 1 or more. @default 2_000 */
  readonly reloadMs?: number;
}
