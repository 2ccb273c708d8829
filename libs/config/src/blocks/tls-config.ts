/** TLS that the app serves by itself. */
export interface TlsConfig {
  /** Absolute path of the certificate in PEM, followed by its intermediate certificates. */
  readonly certificate: string;
  /** Absolute path of its private key in PEM, without a passphrase. */
  readonly key: string;
  /** @default TLSv1.2 */
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Cipher suites by the names of OpenSSL, the preferred one first. Absent: suites with forward secrecy and authenticated encryption. */
  readonly ciphers?: readonly string[];
  /** Absent: clients are not asked for certificates. */
  readonly clientCertificates?: ClientCertificatesConfig;
  /** Time between two looks at the files. 100 to 3_600_000. @default 2_000 */
  readonly reloadMs: number;
  /** The log has a warning for this long before a certificate expires. @default 1_209_600_000 (14 days) */
  readonly warnBeforeMs: number;
}

export interface ClientCertificatesConfig {
  /** Absolute path of the certificates, in PEM, of the authorities whose client certificates are accepted. */
  readonly ca: string;
  /** Absolute path of their revocation lists in PEM. Absent: certificates are revoked by `frontage revoke` alone. */
  readonly crl?: string;
  /** A connection without a certificate is refused, health checks too. @default false */
  readonly required: boolean;
}
