import { isIPv4 } from 'node:net';
import { readIpAddress, type IpAddress } from '@frontage/core';
import ipaddr from 'ipaddr.js';

/** A network: its address, and the bits that all of its addresses share, 0 to 128. */
export type Network = readonly [address: ipaddr.IPv6, bits: number];

/** The forms that {@link readNetwork} reads, for messages. */
export const networkForms = '10.1.2.3, 10.0.0.0/8 or 2001:db8::/32';

/** IPv4 becomes mapped IPv6 (RFC 4291 section 2.5.5.2), so that both families are compared in one way. */
export const inIpv6 = (address: IpAddress): ipaddr.IPv6 =>
  address instanceof ipaddr.IPv4 ? address.toIPv4MappedAddress() : address;

/** Reads an address, or a network in the notation of RFC 4632 and RFC 4291. @returns `undefined` for any other text */
export function readNetwork(entry: string): Network | undefined {
  const [address = '', prefix, ...rest] = entry.split('/');
  const read = readIpAddress(address);
  const longest = isIPv4(address) ? 32 : 128;
  const bits = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (read === undefined || rest.length > 0 || !(bits <= longest)) return undefined;
  return [inIpv6(read), 128 - longest + bits];
}
