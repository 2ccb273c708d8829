import { resolve } from 'node:path';
import { given, on, proxyOf } from '../access/policy-members.js';
import type { CarriageConfig } from '../blocks/carriage-config.js';
import type { Policy } from '../schema/bff.schema.js';

/**
 * The connections of one upstream. The transport is the one that carries its calls: `direct` speaks HTTP/1.1 without a proxy.
 * @param folder of the policy, where paths of files begin
 */
export function toCarriage(upstream: Policy['upstreams'][string], appProxy: string, folder: string): CarriageConfig {
  const { protocol, transport, streams } = upstream;
  const proxied = proxyOf(upstream.proxy, appProxy);
  const isHttp2 = protocol === 'h2';
  const carrier = transport === 'direct' && (isHttp2 || proxied.proxy !== undefined) ? 'undici' : transport;
  const tls = hasTls(upstream) && transport !== 'axios' ? on(upstream.tls) : undefined;
  const fileOf = <Key extends string>(key: Key, path: string | undefined): { [key in Key]?: string } =>
    given(key, path === undefined ? undefined : resolve(folder, path));
  return {
    transport: carrier,
    protocol,
    streams,
    connections: upstream.connections ?? (isHttp2 ? 4 : 64),
    // A default for all upstreams holds for those whose transport can do it.
    pipelining: carrier === 'direct' ? upstream.pipelining : 1,
    ...proxied,
    ...(tls && {
      tls: {
        ...fileOf('ca', tls.ca),
        ...fileOf('certificate', tls.certificate),
        ...fileOf('key', tls.key),
        ...given('serverName', tls.serverName),
        minVersion: tls.minVersion,
        reloadMs: tls.reload,
      },
    }),
  };
}

/** True if an address of the upstream, or of one of its operations, begins with `https:`. */
export const hasTls = ({ urls, operations }: Policy['upstreams'][string]): boolean =>
  [urls, ...Object.values(operations).map((own) => own.urls ?? [])].flat().some((url) => /^https:/i.test(url));
