import { constants, hkdfSync } from 'node:crypto';
import { Server, type TlsOptions } from 'node:tls';
import type { BffConfig, TlsConfig } from '@frontage/config';
import { channels, Reloader, systemClock, type Clock, type Warning } from '@frontage/core';
import { cipherMistakes, TlsFileError, tlsMistake, tlsSource, type TlsFiles } from './tls-files.js';

const dayMs = 86_400_000;

/** The TLS of one app, and its surroundings. */
export interface TlsEntryOptions {
  readonly tls: TlsConfig;
  /** Longest time for a handshake, in milliseconds. */
  readonly handshakeMs: number;
  /**
   * Known to all processes behind one port, and to nothing else: with it, a session that one of them began is resumed by the others.
   * @default each process resumes its own sessions only
   */
  readonly sharedSecret?: string | undefined;
  readonly clock: Clock;
}

/**
 * TLS of the port for clients: certificate, key and authorities are read again when their files change, and new connections use them.
 * Files that do not fit together, such as the new certificate beside the old key, change nothing and give a warning.
 */
export class TlsEntry {
  readonly #options: TlsEntryOptions;
  readonly #reloader: Reloader<TlsFiles>;
  #files: TlsFiles | undefined;
  #server: Server | undefined;
  #warnedAt = Number.NEGATIVE_INFINITY;
  #expiryTimer: unknown;
  #refused = 0;

  private constructor(options: TlsEntryOptions) {
    const { tls, clock } = options;
    this.#options = options;
    this.#reloader = new Reloader({
      source: tlsSource(tls, () => clock.wallTime()),
      everyMs: tls.reloadMs,
      clock,
      take: (files) => this.#take(files),
      failed: (cause) => warn('new files of listen.tls are not used: those that were read last stay in use', cause),
    });
  }

  /**
   * Reads the files for the first time.
   * @param sharedSecret see {@link TlsEntryOptions}
   * @throws ConfigError (rejects) at the key of the policy whose file cannot be used, or at a cipher suite that OpenSSL does not have
   */
  static async open(
    config: BffConfig,
    tls: TlsConfig,
    sharedSecret?: string,
    clock: Clock = systemClock,
  ): Promise<TlsEntry> {
    const wrong = cipherMistakes(config);
    if (wrong !== undefined) throw wrong;
    const entry = new TlsEntry({ tls, handshakeMs: config.limits.headersTimeoutMs, sharedSecret, clock });
    try {
      await entry.#reloader.load();
    } catch (cause) {
      throw cause instanceof TlsFileError ? tlsMistake(config, cause) : cause;
    }
    return entry;
  }

  /** Options of the server. */
  get serverOptions(): TlsOptions {
    const { tls, handshakeMs } = this.#options;
    const { clientCertificates } = tls;
    return {
      ...this.#context(),
      handshakeTimeout: handshakeMs,
      // A certificate that no authority of ours signed is refused later, by the route that asks for a caller, unless all connections need one.
      requestCert: clientCertificates !== undefined,
      rejectUnauthorized: clientCertificates?.required === true,
    };
  }

  /** Seconds until a certificate of the chain expires; negative afterwards. */
  get expiresInSeconds(): number {
    return Math.round(((this.#files?.expiresAt ?? Number.NaN) - this.#options.clock.wallTime()) / 1_000);
  }

  /** Connections that ended in the handshake. */
  get refusedHandshakes(): number {
    return this.#refused;
  }

  /** From here on changed files reach this server, for as long as it listens. @throws TypeError for a server without TLS */
  serves(server: object): void {
    if (!(server instanceof Server)) throw new TypeError('the server of listen.tls has no TLS');
    this.#server = server;
    // By itself, Node treats a failed handshake as a malformed request, to which it responds.
    server.removeAllListeners('tlsClientError');
    server.on('tlsClientError', (_error, socket) => {
      this.#refused++;
      socket.destroy();
    });
    server.once('listening', () => {
      this.#reloader.watch();
      this.#checkExpiry();
    });
    server.once('close', () => this.stop());
  }

  stop(): void {
    this.#reloader.stop();
    this.#options.clock.clearTimer(this.#expiryTimer);
  }

  #take(files: TlsFiles): void {
    this.#files = files;
    this.#warnedAt = Number.NEGATIVE_INFINITY;
    this.#server?.setSecureContext(this.#context());
  }

  #context(): TlsOptions {
    const { context } = this.#files ?? {};
    const { sharedSecret } = this.#options;
    return {
      ...context,
      // RFC 9325 section 3.5: nothing here needs a renegotiation, and a client could ask for many.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      ...(sharedSecret !== undefined && { ticketKeys: ticketKeysOf(sharedSecret, JSON.stringify(context)) }),
    };
  }

  /** Looks once an hour, and warns once a day. */
  #checkExpiry(): void {
    const { clock, tls } = this.#options;
    const leftMs = this.expiresInSeconds * 1_000;
    const now = clock.wallTime();
    if (leftMs <= tls.warnBeforeMs && now - this.#warnedAt >= dayMs) {
      this.#warnedAt = now;
      const at = new Date(now + leftMs).toISOString();
      warn(
        leftMs > 0
          ? `the certificate of listen.tls expires at ${at}`
          : `the certificate of listen.tls expired at ${at}`,
      );
    }
    this.#expiryTimer = clock.setTimer(() => this.#checkExpiry(), dayMs / 24);
  }
}

/**
 * Keys of session tickets. They change with the files, because a resumed session is not verified again: a client certificate of an
 * authority that was removed would stay good.
 */
function ticketKeysOf(secret: string, files: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, files, 'frontage session tickets', 48));
}

function warn(message: string, cause?: unknown): void {
  if (!channels.warning.hasSubscribers) return;
  channels.warning.publish({ from: 'gateway', message, ...(cause !== undefined && { cause }) } satisfies Warning);
}
