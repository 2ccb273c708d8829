import { readIpAddress, type IpAddress } from '@frontage/core';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { isIP } from 'node:net';
import { inIpv6, networkForms, readNetwork } from './network.js';

/** Tells whether a peer is believed when it names the client that it forwards. Made once by {@link trustedProxies}. */
export type TrustedProxies = (address: string, hop: number) => boolean;

/**
 * @param trusted how many proxies stand before this process (0: none), or their addresses and networks (`10.0.0.0/8`, `2001:db8::/32`)
 * @throws TypeError or RangeError that names what was found
 */
export function trustedProxies(trusted: number | readonly string[]): TrustedProxies {
  if (typeof trusted === 'number') {
    if (!Number.isInteger(trusted) || trusted < 0)
      throw new RangeError(`trusted proxies: found ${trusted}; write how many stand before this process`);
    return (_address, hop) => hop < trusted;
  }
  const networks = trusted.map(networkOf);
  return (address) => {
    const read = readIpAddress(address);
    if (read === undefined) return false;
    const wide = inIpv6(read);
    return networks.some((network) => wide.match(network));
  };
}

/** @throws TypeError that names what was found */
function networkOf(entry: string): [ipaddr.IPv6, number] {
  const network = readNetwork(entry);
  if (network === undefined)
    throw new TypeError(
      `trusted proxies: ${JSON.stringify(entry)} is no address or network; write it as ${networkForms}`,
    );
  return [...network];
}

const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/;
const withPort = /^([0-9.]+):\d{1,5}$/;

/** One entry of `X-Forwarded-For`: an address, perhaps with a port, perhaps in brackets. Anything else is `undefined`. */
function forwardedAddress(entry: string): string | undefined {
  const text = entry.trim();
  const address = bracketed.exec(text)?.[1] ?? withPort.exec(text)?.[1] ?? text;
  return isIP(address) === 0 ? undefined : plainAddress(address);
}

/** NAT64's well-known prefix (RFC 6052 section 2.1): an IPv4 address stands in the last four bytes. */
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** The address that a socket or a header speaks of: IPv4 that is mapped into IPv6, or translated by NAT64, is IPv4. */
function readClient(text: string): IpAddress | undefined {
  const address = readIpAddress(text);
  if (!(address instanceof ipaddr.IPv6) || !address.match(nat64)) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

/** Gives a text that stands for an address. */
export type AddressKey = (address: string) => string;

/** Addresses whose reading is remembered. */
const maxRemembered = 4_096;

/** Reads IPv6 once for the many requests of a client: it takes microseconds. IPv4 is a text of its own. */
function remembered(read: AddressKey): AddressKey {
  const known = new LRUCache<string, string>({ max: maxRemembered });
  return (address) => {
    if (!address.includes(':')) return address;
    const before = known.get(address);
    if (before !== undefined) return before;
    const text = read(address);
    known.set(address, text);
    return text;
  };
}

/** IPv4 that came over an IPv6 socket is IPv4: `::ffff:192.0.2.1` is `192.0.2.1`. Any other text stays as it is. */
const plainAddress: AddressKey = remembered((address) => {
  const read = readClient(address);
  return read instanceof ipaddr.IPv4 ? read.toString() : address;
});

/**
 * The address of the client: the nearest address that is no trusted proxy. `X-Forwarded-For` is read from the right, because only the entries
 * that a trusted proxy appended are known to be true. The header of an untrusted peer is not read.
 * @param remoteAddress of the socket; empty for a Unix socket and for a closed socket
 * @param forwardedFor the `X-Forwarded-For` header
 */
export function clientAddress(
  remoteAddress: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
  trusted: TrustedProxies,
): string {
  let client = plainAddress(remoteAddress ?? '');
  if (forwardedFor === undefined || !trusted(client, 0)) return client;
  const entries = (typeof forwardedFor === 'string' ? forwardedFor : forwardedFor.join(',')).split(',');
  for (let hop = 1; hop <= entries.length; hop++) {
    const before = forwardedAddress(entries[entries.length - hop] ?? '');
    if (before === undefined) return client; // no proxy writes this
    client = before;
    if (!trusted(client, hop)) return client;
  }
  return client;
}

/**
 * Addresses of IPv6 are counted by the network that one subscriber has whole (RFC 6177), addresses of IPv4 as they are.
 * @param ipv6Prefix bits of that network, 1 to 128. @default 64
 * @throws RangeError for another number
 */
export function addressKeyOf(ipv6Prefix = 64): AddressKey {
  if (!Number.isInteger(ipv6Prefix) || ipv6Prefix < 1 || ipv6Prefix > 128)
    throw new RangeError(`prefix of IPv6: found ${ipv6Prefix}; write a whole number of bits from 1 to 128`);
  const whole = ipv6Prefix >> 4;
  const bits = ipv6Prefix & 15;
  const mask = bits === 0 ? 0 : 0xff_ff & (0xff_ff << (16 - bits));
  return remembered((address) => {
    const read = readClient(address);
    if (!(read instanceof ipaddr.IPv6)) return read?.toString() ?? address;
    const groups = read.parts.slice(0, whole);
    if (bits > 0) groups.push((read.parts[whole] ?? 0) & mask);
    return groups.map((group) => group.toString(16)).join(':');
  });
}

/** The text by which an address is counted where policy does not say otherwise: IPv6 by its /64. */
export const addressKey: AddressKey = addressKeyOf();
