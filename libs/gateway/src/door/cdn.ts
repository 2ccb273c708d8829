import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import { PolicyFiles, type BehindCdnConfig, type BffConfig } from '@frontage/config';
import { channels, Reloader, shownPath, versionOfFile, type Clock, type Warning } from '@frontage/core';
import { clientAddress, trustedProxies, type TrustedProxies } from '@frontage/throttling';

const maxAddresses = 10_000;
const leastSecret = 16;
const maxSecrets = 2;

/**
 * The door of an app that only a CDN may reach: connections from other addresses are closed, the CDN names the client, and a secret proves
 * that a request passed the CDN as its owner has set it up.
 */
export class CdnDoor {
  readonly #config: BehindCdnConfig;
  readonly #reloaders: readonly Reloader<string>[];
  readonly #isHealthPeer: TrustedProxies;
  #isCdn: TrustedProxies;
  #secrets: readonly Buffer[] = [];
  #refused = 0;

  private constructor(config: BehindCdnConfig, clock: Clock) {
    this.#config = config;
    this.#isHealthPeer = trustedProxies(config.healthFrom);
    this.#isCdn = trustedProxies(config.addresses);
    const { addressesFile, originSecret, reloadMs } = config;
    const watch = (file: string, what: string, take: (text: string) => void): Reloader<string> =>
      new Reloader({
        source: { version: () => versionOfFile(file), read: () => readFile(file, 'utf8') },
        everyMs: reloadMs,
        clock,
        take,
        failed: (cause) => warn(`${what} cannot be read again: those that were read last stay in use`, cause),
      });
    this.#reloaders = [
      ...(addressesFile === undefined
        ? []
        : [watch(addressesFile, 'listen.behindCdn.addressesFile', (text) => this.#takeAddresses(text))]),
      ...(originSecret === undefined
        ? []
        : [watch(originSecret.file, 'listen.behindCdn.originSecret', (text) => this.#takeSecrets(text))]),
    ];
  }

  /**
   * Reads the files for the first time.
   * @returns undefined where everybody may connect
   * @throws ConfigError (rejects) at the key of a file or of an address that cannot be used
   */
  static async open(config: BffConfig, clock: Clock): Promise<CdnDoor | undefined> {
    const { behindCdn } = config.listen;
    if (behindCdn === undefined) return undefined;
    try {
      const door = new CdnDoor(behindCdn, clock);
      for (const reloader of door.#reloaders) await reloader.load();
      for (const reloader of door.#reloaders) reloader.watch();
      return door;
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : 'it cannot be read';
      throw new PolicyFiles(config).error([{ path: ['listen', 'behindCdn'], want: 'key', message }]);
    }
  }

  /** Connections that were closed. */
  get refused(): number {
    return this.#refused;
  }

  /** The header field in which the CDN writes the address of the client. */
  addressOf({ socket, headers }: IncomingMessage): string {
    const trusts: TrustedProxies = (address, hop) => hop === 0 && this.#isCdn(address, 0);
    return clientAddress(socket.remoteAddress, headers[this.#config.clientAddress], trusts);
  }

  /** Did the request come through the CDN, with the secret where there is one? */
  takes({ socket, headers }: IncomingMessage): boolean {
    if (!this.#isCdn(socket.remoteAddress ?? '', 0)) return false;
    const { originSecret } = this.#config;
    if (originSecret === undefined) return true;
    const given = headers[originSecret.header];
    const digest = digestOf(typeof given === 'string' ? given : '');
    // Each of them is compared, so that the time says nothing.
    return this.#secrets.reduce((found, secret) => timingSafeEqual(secret, digest) || found, false);
  }

  /** Closes connections from elsewhere before a byte of them is read. */
  guard(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const peer = socket.remoteAddress ?? '';
      if (this.#isCdn(peer, 0) || this.#isHealthPeer(peer, 0)) return;
      this.#refused += 1;
      socket.destroy();
    });
  }

  stop(): void {
    for (const reloader of this.#reloaders) reloader.stop();
  }

  #takeAddresses(text: string): void {
    const listed = linesOf(text).map((line) => line.replace(/#.*$/, '').trim());
    const more = listed.filter((line) => line !== '');
    const file = shownPath(this.#config.addressesFile ?? '');
    if (more.length === 0) throw new Error(`${file} has no address`);
    if (more.length > maxAddresses) throw new Error(`${file} has more than ${maxAddresses} addresses`);
    this.#isCdn = trustedProxies([...this.#config.addresses, ...more]);
  }

  #takeSecrets(text: string): void {
    const secrets = linesOf(text).filter((line) => line !== '');
    const file = shownPath(this.#config.originSecret?.file ?? '');
    if (secrets.length === 0 || secrets.length > maxSecrets)
      throw new Error(`${file} has ${secrets.length} lines; write the secret, or the new one and the old one`);
    if (secrets.some((secret) => secret.length < leastSecret || !/^[\x21-\x7e]+$/.test(secret)))
      throw new Error(`${file} has a secret that is not ${leastSecret} visible ASCII characters or more`);
    this.#secrets = secrets.map(digestOf);
  }
}

const linesOf = (text: string): string[] => text.split(/\r?\n/).map((line) => line.trim());

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

function warn(message: string, cause: unknown): void {
  if (channels.warning.hasSubscribers) channels.warning.publish({ from: 'gateway', message, cause } satisfies Warning);
}
