import { getServers } from 'node:dns';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@frontage/core';
import { readHosts, type HostsTable } from './hosts-file.js';
import type { NameOptions } from './names.options.js';
import { readResolvConf, type ResolvConf } from './resolv-conf.js';

/** Interval of the checks whether the files have changed. They are read on the event loop, because the pool of threads may hang. */
export const filesCheckedMs = 5_000;
const maxFileBytes = 4 * 1_024 * 1_024;

/** The files of the machine about names. Both are read again when they have changed. */
export class NameSources {
  readonly #clock: Clock;
  readonly #hosts: WatchedFile<HostsTable>;
  readonly #resolvConf: WatchedFile<ResolvConf>;
  readonly #servers: readonly string[] | undefined;
  #checkAt = Number.NEGATIVE_INFINITY;

  constructor(options: NameOptions, clock: Clock) {
    this.#clock = clock;
    this.#servers = options.servers;
    this.#hosts = new WatchedFile(options.hostsFile ?? systemHosts(), readHosts);
    this.#resolvConf = new WatchedFile(options.resolvConf ?? '/etc/resolv.conf', readResolvConf);
  }

  get hosts(): HostsTable {
    this.#check();
    return this.#hosts.content;
  }

  /** Has at least one server. */
  get resolvConf(): ResolvConf {
    this.#check();
    const { content } = this.#resolvConf;
    const servers = this.#servers ?? (content.servers.length > 0 ? content.servers : getServers().map(withPort));
    return { ...content, servers };
  }

  #check(): void {
    const now = this.#clock.now();
    if (now < this.#checkAt) return;
    this.#checkAt = now + filesCheckedMs;
    this.#hosts.check();
    this.#resolvConf.check();
  }
}

class WatchedFile<T> {
  readonly #path: string;
  readonly #read: (text: string) => T;
  #stamp = '';
  content: T;

  constructor(path: string, read: (text: string) => T) {
    this.#path = path;
    this.#read = read;
    this.content = read('');
  }

  /** A missing or unreadable file counts as empty. */
  check(): void {
    try {
      const { mtimeMs, size, ino } = statSync(this.#path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (stamp === this.#stamp) return;
      this.content = this.#read(size > maxFileBytes ? '' : readFileSync(this.#path, 'utf8'));
      this.#stamp = stamp;
    } catch {
      this.content = this.#read('');
      this.#stamp = '';
    }
  }
}

/** An IPv6 address stands in brackets, as in the result of `readResolvConf`. */
function withPort(server: string): string {
  return server.includes(':') && !server.startsWith('[') && !/^[\d.]+:\d+$/.test(server) ? `[${server}]` : server;
}

function systemHosts(): string {
  return process.platform === 'win32'
    ? join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'drivers', 'etc', 'hosts')
    : '/etc/hosts';
}
