import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { channels, Reloader, versionOfFile, type Clock, type Warning } from '@frontage/core';

/** The files and settings of TLS towards one upstream. */
export interface ClientTlsOptions {
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly reloadMs?: number;
}

type FileKey = 'ca' | 'certificate' | 'key';
type Texts = { readonly [file in FileKey]?: string };

/** A file of `tls` that cannot be used. */
export class ClientTlsError extends Error {
  override readonly name = 'ClientTlsError';
  readonly key: FileKey;

  /** @param message holds nothing of the file */
  constructor(key: FileKey, message: string, options?: ErrorOptions) {
    super(message, options);
    this.key = key;
  }
}

const fileKeys = ['ca', 'certificate', 'key'] as const;

/**
 * TLS towards one upstream by files that may be replaced at any time: new connections use the new files, and transports stop using older connections.
 * Files that do not fit together change nothing, and give one warning.
 */
export class ClientTls {
  readonly serverName: string | undefined;
  readonly #options: ClientTlsOptions;
  readonly #reloader: Reloader<Texts> | undefined;
  readonly #listeners = new Set<() => void>();
  #material: SecureContextOptions;
  #context: SecureContext;
  /** Grows with each change. */
  version = 0;

  /** @throws ClientTlsError for a file that cannot be read or used */
  constructor(upstream: string, options: ClientTlsOptions, clock: Clock) {
    this.serverName = options.serverName;
    this.#options = options;
    const files = fileKeys.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]] as const]));
    const texts = Object.fromEntries(files.map(([key, file]) => [key, textOf(key, file)]));
    this.#material = this.#materialOf(texts);
    this.#context = createSecureContext(this.#material);
    if (files.length === 0) return;
    this.#reloader = new Reloader<Texts>({
      source: {
        version: async () => (await oneByOne(files, ([, file]) => versionOfFile(file))).join(', '),
        read: async () =>
          Object.fromEntries(
            await oneByOne(files, async ([key, file]) => [key, await readFile(file, 'utf8')] as const),
          ),
      },
      everyMs: options.reloadMs ?? 2_000,
      clock,
      take: (read) => this.#take(read),
      failed: (cause) => {
        const message = `new files of tls of "${upstream}" are not used: those that were read last stay in use`;
        if (channels.warning.hasSubscribers)
          channels.warning.publish({ from: 'clients', message, cause } satisfies Warning);
      },
    });
    this.#reloader.watch();
  }

  /** For sockets of Node. One for each connection would cost milliseconds. */
  get context(): SecureContext {
    return this.#context;
  }

  /** The same for libraries that make their own. */
  get material(): SecureContextOptions & { readonly servername?: string } {
    return { ...this.#material, ...(this.serverName !== undefined && { servername: this.serverName }) };
  }

  /** Calls `listener` after each change. @returns ends it */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    this.#reloader?.stop();
  }

  #take(texts: Texts): void {
    const material = this.#materialOf(texts);
    const { ca, cert, key } = this.#material;
    if (material.ca === ca && material.cert === cert && material.key === key) return;
    this.#context = createSecureContext(material);
    this.#material = material;
    this.version++;
    for (const listener of this.#listeners) listener();
  }

  #materialOf({ ca, certificate, key }: Texts): SecureContextOptions {
    if (ca !== undefined) certificatesIn('ca', ca);
    if (certificate !== undefined) assertPair(certificate, key ?? '');
    const { minVersion = 'TLSv1.2' } = this.#options;
    const material = {
      minVersion,
      ...(ca !== undefined && { ca }),
      ...(certificate !== undefined && { cert: certificate, key }),
    };
    try {
      createSecureContext(material);
    } catch (cause) {
      throw new ClientTlsError(certificate === undefined ? 'ca' : 'certificate', 'OpenSSL does not take it', { cause });
    }
    return material;
  }
}

function textOf(key: FileKey, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no file';
    throw new ClientTlsError(key, `the file ${file} cannot be read (${code})`, { cause });
  }
}

function certificatesIn(key: FileKey, text: string): readonly X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN ').length - 1)
    throw new ClientTlsError(key, 'the file is not a list of whole certificates in PEM (-----BEGIN CERTIFICATE-----)');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new ClientTlsError(key, `certificate ${index + 1} of the file is malformed`, { cause });
    }
  });
}

function assertPair(certificate: string, key: string): void {
  const [own] = certificatesIn('certificate', certificate);
  let privateKey;
  try {
    privateKey = createPrivateKey(key);
  } catch (cause) {
    throw new ClientTlsError('key', 'the file is no private key in PEM without a passphrase', { cause });
  }
  if (own?.checkPrivateKey(privateKey) !== true)
    throw new ClientTlsError('key', 'it does not belong to the certificate');
}

/** Of several files that are missing, the first one is named. */
async function oneByOne<In, Out>(list: readonly In[], read: (one: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  for (const one of list) results.push(await read(one));
  return results;
}
