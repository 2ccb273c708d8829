import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Reads an address as RFC 4291 section 2.2 and RFC 6943 section 3.1.1 ("strict") write it. IPv4 that is mapped into IPv6
 * (`::ffff:192.0.2.1`) gives the IPv4 address; a zone (`%eth0`, RFC 4007 section 11) is left out.
 * @returns `undefined` for any other text, such as `0x7f.1`, `010.0.0.1`, a host name, or an address in brackets or with a port
 */
export function readIpAddress(text: string): IpAddress | undefined {
  // ipaddr.js alone also takes numbers in octal and in hexadecimal, which other programs read in another way.
  if (isIP(text) === 0) return undefined;
  // ipaddr.js 2.5 takes `::192.0.2.1` for the mapped address. It reads `0::192.0.2.1` as it is written.
  const address = text.replace(/%.*$/, '');
  return ipaddr.process(/^::\d+\./.test(address) ? `0${address}` : address);
}

/** Is a host of a URL or of a `Host` field the loopback of this machine (RFC 6890): a name or an address, with or without brackets? */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return bare.toLowerCase() === 'localhost' || readIpAddress(bare)?.range() === 'loopback';
}
