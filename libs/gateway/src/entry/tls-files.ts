import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, getCiphers, type SecureContextOptions } from 'node:tls';
import { PolicyFiles, type BffConfig, type ConfigError, type TlsConfig } from '@frontage/config';
import { nearest, versionOfFile, type ChangingSource } from '@frontage/core';

/** Suites with forward secrecy and authenticated encryption, as Mozilla's intermediate recommendation has them. */
const defaultCiphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

const isSuiteOf13 = (name: string): boolean => name.startsWith('TLS_');

/** No encryption, no authentication of the server, or an algorithm with known attacks (RFC 7465, RFC 9325 section 4.1). */
const weak = /(?:NULL|EXP|RC4|DES|RC2|IDEA|SEED|MD5|PSK|SRP)|^(?:AECDH|ADH)/;

/** The files of one moment, which fit together. */
export interface TlsFiles {
  readonly context: SecureContextOptions;
  /** Wall-clock milliseconds at which the first certificate of the chain expires. */
  readonly expiresAt: number;
}

/** The two keys of a policy whose files are read, and those that may be there. */
export type TlsKey = 'certificate' | 'key' | 'clientCertificates' | 'crl';

/** A file of TLS that cannot be used. */
export class TlsFileError extends Error {
  override readonly name = 'TlsFileError';
  readonly key: TlsKey;

  constructor(key: TlsKey, message: string, options?: ErrorOptions) {
    super(message, options);
    this.key = key;
  }
}

/**
 * The files of `listen.tls`, for a `Reloader`.
 * @param wallTime of the clock
 */
export function tlsSource(tls: TlsConfig, wallTime: () => number): ChangingSource<TlsFiles> {
  const { clientCertificates } = tls;
  const files = [
    ['certificate', tls.certificate],
    ['key', tls.key],
    ...(clientCertificates ? [['clientCertificates', clientCertificates.ca] as const] : []),
    ...(clientCertificates?.crl === undefined ? [] : [['crl', clientCertificates.crl] as const]),
  ] as const;
  return {
    async version() {
      const versions: string[] = [];
      // One after the other: of several that are missing, the first one is named.
      for (const [key, file] of files) versions.push(await unlessMissing(key, file, versionOfFile(file)));
      return versions.join(', ');
    },
    read: () => readTlsFiles(tls, wallTime()),
  };
}

async function readTlsFiles(tls: TlsConfig, now: number): Promise<TlsFiles> {
  const { minVersion, clientCertificates } = tls;
  const read = (key: TlsKey, file: string): Promise<string> => unlessMissing(key, file, readFile(file, 'utf8'));
  const cert = await read('certificate', tls.certificate);
  const key = await read('key', tls.key);
  const ca = clientCertificates && (await read('clientCertificates', clientCertificates.ca));
  const crl = clientCertificates?.crl === undefined ? undefined : listsIn(await read('crl', clientCertificates.crl));
  const chain = certificatesIn('certificate', cert);
  assertPair(chain, key);
  const expiresAt = Math.min(...chain.map(({ validToDate }) => validToDate.getTime()));
  if (expiresAt <= now)
    throw new TlsFileError('certificate', `the certificate expired at ${new Date(expiresAt).toISOString()}`);
  if (ca !== undefined) assertAuthorities(certificatesIn('clientCertificates', ca));
  const context = {
    cert,
    key,
    minVersion,
    ciphers: cipherList(tls.ciphers).join(':'),
    honorCipherOrder: true,
    ...(ca !== undefined && { ca }),
    // OpenSSL then wants a current list of each authority, and refuses certificates without one.
    ...(crl !== undefined && { crl }),
  };
  try {
    createSecureContext(context);
  } catch (cause) {
    throw new TlsFileError('certificate', `OpenSSL does not take it: ${messageOf(cause)}`, { cause });
  }
  return { context, expiresAt };
}

/** All certificates of a file. @throws TlsFileError for a file without one, with a malformed one, or that ends in the middle of one */
function certificatesIn(key: TlsKey, text: string): readonly X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN ').length - 1)
    throw new TlsFileError(key, 'the file is not a list of whole certificates in PEM (-----BEGIN CERTIFICATE-----)');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new TlsFileError(key, `certificate ${index + 1} of the file is malformed`, { cause });
    }
  });
}

/** The revocation lists of a file; OpenSSL reads one of a text. @throws TlsFileError for a file without one, or with a malformed one */
function listsIn(text: string): string[] {
  const blocks = text.match(/-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----/g) ?? [];
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN ').length - 1)
    throw new TlsFileError('crl', 'the file is not a list of whole revocation lists in PEM (-----BEGIN X509 CRL-----)');
  for (const [index, crl] of blocks.entries()) {
    try {
      createSecureContext({ crl });
    } catch (cause) {
      throw new TlsFileError('crl', `revocation list ${index + 1} of the file is malformed`, { cause });
    }
  }
  return blocks;
}

function assertPair([leaf, ...others]: readonly X509Certificate[], key: string): void {
  let privateKey;
  try {
    privateKey = createPrivateKey(key);
  } catch (cause) {
    throw new TlsFileError('key', 'the file is no private key in PEM without a passphrase', { cause });
  }
  if (leaf?.checkPrivateKey(privateKey) === true) return;
  throw new TlsFileError(
    'key',
    others.some((certificate) => certificate.checkPrivateKey(privateKey))
      ? 'it belongs to another certificate of the file; write the own certificate first'
      : 'it does not belong to the certificate',
  );
}

function assertAuthorities(certificates: readonly X509Certificate[]): void {
  const other = certificates.find(({ ca }) => !ca);
  if (other !== undefined)
    throw new TlsFileError(
      'clientCertificates',
      `the certificate of ${other.subject.replaceAll('\n', ', ')} is not one of an authority`,
    );
}

async function unlessMissing<T>(key: TlsKey, file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new TlsFileError(key, `the file ${file} cannot be read (${messageOf(cause)})`, { cause });
  }
}

const messageOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return 'unknown';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
};

/** OpenSSL takes a list without suites of TLS 1.3 as a wish to have TLS 1.2 alone; here such a list says nothing about TLS 1.3. */
function cipherList(written: readonly string[] | undefined): readonly string[] {
  if (written === undefined) return defaultCiphers;
  return written.some(isSuiteOf13) ? written : [...defaultCiphers.filter(isSuiteOf13), ...written];
}

/** Suites that OpenSSL does not know, or that protect nothing. */
export function cipherMistakes(config: BffConfig): ConfigError | undefined {
  const known = getCiphers().map((name) => name.toUpperCase());
  const mistakes = (config.listen.tls?.ciphers ?? []).flatMap((name, index) => {
    const path = ['listen', 'tls', 'ciphers', index];
    if (weak.test(name)) return [{ path, want: 'value' as const, message: `"${name}" protects nothing; remove it` }];
    if (known.includes(name)) return [];
    const meant = nearest(name, known);
    const hint = meant === undefined ? 'write names such as ECDHE-RSA-AES128-GCM-SHA256' : `did you mean "${meant}"?`;
    return [{ path, want: 'value' as const, message: `OpenSSL has no cipher suite "${name}"; ${hint}` }];
  });
  return mistakes.length === 0 ? undefined : new PolicyFiles(config).error(mistakes);
}

/** The mistake at its key in the policy. */
export function tlsMistake(config: BffConfig, { key, message }: TlsFileError): ConfigError {
  const ofClients = { clientCertificates: 'ca', crl: 'crl' } as const;
  const path =
    key === 'clientCertificates' || key === 'crl'
      ? ['listen', 'tls', 'clientCertificates', ofClients[key]]
      : ['listen', 'tls', key];
  return new PolicyFiles(config).error([{ path, want: 'value', message }]);
}
