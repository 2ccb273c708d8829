import type { OperationInfo } from '@frontage/core';
import { addressesOf } from './address.js';
import type { ResolvedUpstreamOptions } from './upstream.options.js';

/** The options of one operation that is not served at the addresses of its upstream. */
export type OwnAddresses = Pick<
  ResolvedUpstreamOptions,
  'addresses' | 'credentials' | 'forwardAuthorization' | 'security' | 'sources'
>;

/**
 * Addresses of an operation that policy gives it, or that its contract gives it where policy says so. Secrets go only to addresses that
 * policy names.
 * @returns undefined where the operation is served at the addresses of its upstream
 * @throws Error where the contract names other servers, and policy does not say what to do
 */
export function ownAddressesOf(info: OperationInfo, options: ResolvedUpstreamOptions): OwnAddresses | undefined {
  const { credentials, forwardAuthorization, security, sources } = options;
  const secrets = { ...(credentials && { credentials }), ...(security && { security }), forwardAuthorization, sources };
  const given = options.ownAddresses.get(info.id);
  if (given !== undefined) return { addresses: given, ...secrets };
  const { servers = [], contract, id } = info;
  if (servers.length === 0 || options.contractServers === 'ignore') return undefined;
  const name = `${contract.upstream}.${id}`;
  if (options.contractServers === 'refuse')
    throw new Error(
      `${name}: the contract serves it at ${servers.join(', ')}; give operations.${id}.urls, or contractServers: use or ignore`,
    );
  const [first] = options.addresses;
  const base = `${first.origin}${first.prefix}/`;
  const addresses = addressesOf(
    `${name} (servers of the contract)`,
    // A variable without a value is refused as what it is.
    servers.map((server) => (/[{}]/.test(server) ? server : (URL.parse(server, base)?.href ?? server))),
  );
  const isNamed = addresses.every(({ origin }) => options.addresses.some((address) => address.origin === origin));
  return isNamed ? { addresses, ...secrets } : { addresses, forwardAuthorization: false, sources: [] };
}
