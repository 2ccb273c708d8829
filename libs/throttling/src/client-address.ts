import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** Which peers are believed when they say for whom they ask. Made once by {@link trustedProxies}. */
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
  const networks = new BlockList();
  for (const entry of trusted) {
    const [address = '', prefix, ...rest] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const longest = family === 'ipv6' ? 128 : 32;
    const bits = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (isIP(address) === 0 || rest.length > 0 || !(bits <= longest)) {
      throw new TypeError(
        `trusted proxies: ${JSON.stringify(entry)} is no address or network; write it as 10.1.2.3, 10.0.0.0/8 or 2001:db8::/32`,
      );
    }
    networks.addSubnet(address, bits, family);
  }
  return (address) => {
    const family = isIP(address);
    return family !== 0 && networks.check(withoutZone(address), family === 6 ? 'ipv6' : 'ipv4');
  };
}

const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/;
const withPort = /^([0-9.]+):\d{1,5}$/;

/** One entry of `X-Forwarded-For`: an address, perhaps with a port, perhaps in brackets. Anything else is `undefined`. */
function forwardedAddress(entry: string): string | undefined {
  const text = entry.trim();
  const address = bracketed.exec(text)?.[1] ?? withPort.exec(text)?.[1] ?? text;
  return isIP(address) === 0 ? undefined : plainAddress(address);
}

/** `fe80::1%eth0` names the interface too (RFC 4007 section 11); who it is ends before that. */
function withoutZone(address: string): string {
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
}

/** IPv4 that came over an IPv6 socket is IPv4: `::ffff:192.0.2.1` is `192.0.2.1`. */
function plainAddress(address: string): string {
  if (!address.includes(':')) return address;
  const groups = ipv6Groups(address);
  return groups === undefined ? address : (embeddedIpv4(groups) ?? address);
}

/**
 * The address of the client: the nearest one that no trusted proxy vouches beyond. Reads `X-Forwarded-For` from the right, because only what
 * a trusted proxy appended is known to be true; from an untrusted peer the header is not read at all.
 * @param remoteAddress of the socket; empty for a Unix socket or one that is gone
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
    if (before === undefined) return client; // what is not an address is nobody's word
    client = before;
    if (!trusted(client, hop)) return client;
  }
  return client;
}

/** The eight groups of a valid IPv6 address; `undefined` for anything else. */
function ipv6Groups(address: string): readonly number[] | undefined {
  const text = withoutZone(address);
  if (!isIPv6(text)) return undefined;
  const groupsOf = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((group) => {
          if (!isIPv4(group)) return [Number.parseInt(group, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
          return [a * 256 + b, c * 256 + d];
        });
  const [head = '', tail] = text.split('::');
  const before = groupsOf(head);
  if (tail === undefined) return before;
  const after = groupsOf(tail);
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

/** IPv4 inside IPv6: mapped (RFC 4291 section 2.5.5.2) or behind NAT64's well-known prefix (RFC 6052 section 2.1). */
function embeddedIpv4(groups: readonly number[]): string | undefined {
  const [a, b, c, d, e, f, high = 0, low = 0] = groups;
  const middleIsZero = b === 0 && c === 0 && d === 0 && e === 0;
  const mapped = a === 0 && middleIsZero && f === 0xffff;
  const translated = a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0;
  return mapped || translated ? `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}` : undefined;
}

/** What an address counts as: IPv6 by its /64, which one subscriber has whole (RFC 6177); IPv4 as it is. */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address;
  const groups = ipv6Groups(address);
  if (groups === undefined) return address;
  return (
    embeddedIpv4(groups) ??
    groups
      .slice(0, 4)
      .map((group) => group.toString(16))
      .join(':')
  );
}
