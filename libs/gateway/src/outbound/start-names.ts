import { isIP } from 'node:net';
import type { NameResolver } from '@frontage/balancing';
import { PolicyFiles, type BffConfig, type PolicyMistake } from '@frontage/config';
import { isServiceName, type Clock } from '@frontage/core';
import { issuersOf } from '../access/issuers.js';

type Path = PolicyMistake['path'];

/** A name of the policy that this app needs an address for. */
interface NeededName {
  readonly name: string;
  readonly path: Path;
  /** The functions that fail until it has one. */
  readonly without: string;
}

/** A start says nothing of names that are resolved sooner. */
const silentMs = 1_000;

/**
 * The addresses that the app listens on, where policy has names for them. Says what it waits for.
 * @throws ConfigError naming the key, where a name has no address: nothing can listen there
 */
export async function listenAddresses(
  config: BffConfig,
  names: NameResolver,
  clock: Clock,
  say: (line: string) => void,
): Promise<BffConfig> {
  const { host, adminHost } = config.listen;
  const [listenOn, adminOn] = await Promise.all([
    addressToListenOn(host, ['listen', 'host']),
    addressToListenOn(adminHost, ['listen', 'adminHost']),
  ]);
  if (listenOn === host && adminOn === adminHost) return config;
  return { ...config, listen: { ...config.listen, host: listenOn, adminHost: adminOn } };

  async function addressToListenOn(name: string, path: Path): Promise<string> {
    if (isIP(name) !== 0 || name === 'localhost') return name;
    const timer = clock.setTimer(() => say(`waits for the name "${name}"${placeOf(config, path)}`), silentMs);
    try {
      const [first] = await names.addresses(name);
      return first?.address ?? name;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `this app cannot listen here: ${why}; write an IP address`;
      throw new PolicyFiles(config).error([{ path, want: 'value', message }]);
    } finally {
      clock.clearTimer(timer);
    }
  }
}

/**
 * Asks for the names that requests will need, so that the first ones do not wait for them, and says which have no address after a second
 * and why. Nothing waits for that.
 */
export function resolveAhead(config: BffConfig, names: NameResolver, clock: Clock, say: (line: string) => void): void {
  for (const needed of neededNames(config)) void resolveOne(needed);

  async function resolveOne({ name, path, without }: NeededName): Promise<void> {
    const waits = `waits for the name "${name}"${placeOf(config, path)}: ${without} until it has an address`;
    const timer = clock.setTimer(() => say(waits), silentMs);
    try {
      await (isServiceName(name) ? names.services(name) : names.addresses(name));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      say(`${why}${placeOf(config, path)}: ${without} until it has one`);
    } finally {
      clock.clearTimer(timer);
    }
  }
}

/** Each name once, at the first key that has it. */
function neededNames(config: BffConfig): NeededName[] {
  const found = new Map<string, NeededName>();
  const add = (url: string, path: Path, without: string): void => {
    const name = URL.parse(url)?.hostname ?? '';
    if (name === '' || isIP(name.replace(/^\[|\]$/g, '')) !== 0 || found.has(name)) return;
    found.set(name, { name, path, without });
  };
  const { redis, access, tracing } = config;
  if (redis !== undefined) add(redis.url, ['redis', 'url'], 'limits and caches are not shared');
  if (access !== undefined) {
    for (const [path, { jwks, proxy }] of issuersOf(access))
      add(proxy ?? jwks, [...path, proxy === undefined ? 'jwks' : 'proxy'], 'tokens cannot be checked');
    for (const [name, { issuer, proxy }] of Object.entries(access.sessions?.providers ?? {})) {
      const place = ['access', 'sessions', 'providers', name];
      add(proxy ?? issuer, [...place, proxy === undefined ? 'issuer' : 'proxy'], 'logins fail');
    }
  }
  for (const [upstream, { urls, proxy, operations, credentials }] of Object.entries(config.upstreams)) {
    const path = ['upstreams', upstream];
    const without = `calls to "${upstream}" fail`;
    for (const kind of ['clientCredentials', 'tokenExchange'] as const) {
      const client = credentials?.[kind];
      if (client === undefined) continue;
      const key = client.proxy === undefined ? 'tokenUrl' : 'proxy';
      add(client.proxy ?? client.tokenUrl, [...path, 'credentials', kind, key], without);
    }
    if (proxy !== undefined) {
      add(proxy, [...path, 'proxy'], without);
      continue;
    }
    for (const [index, url] of urls.entries()) add(url, [...path, 'urls', index], without);
    for (const [id, own] of Object.entries(operations)) {
      for (const [index, url] of (own.urls ?? []).entries())
        add(url, [...path, 'operations', id, 'urls', index], without);
    }
  }
  const { otlp } = tracing;
  if (otlp !== undefined) {
    add(otlp.proxy ?? otlp.url, ['tracing', 'otlp', otlp.proxy === undefined ? 'url' : 'proxy'], 'spans are lost');
  }
  return [...found.values()];
}

/** ` (apps/mobile/bff.yaml:12:5)` */
function placeOf(config: BffConfig, path: Path): string {
  return ` (${new PolicyFiles(config).shownPosition(path)})`;
}
