import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { noSuchName } from './name-error.js';

export function addressOf(text: string): LookupAddress {
  return { address: text, family: isIP(text) };
}

/**
 * The order in which addresses are tried. The families alternate (RFC 8305 section 4), IPv6 first if this machine has it. Each call begins
 * with another address, so that connections are spread over all addresses of one DNS answer.
 */
export function inTurn(addresses: readonly LookupAddress[], turn: number, prefersIPv6: boolean): LookupAddress[] {
  const six = rotated(
    addresses.filter(({ family }) => family === 6),
    turn,
  );
  const four = rotated(
    addresses.filter(({ family }) => family === 4),
    turn,
  );
  const [first, second] = prefersIPv6 ? [six, four] : [four, six];
  const mixed: LookupAddress[] = [];
  for (let at = 0; at < Math.max(first.length, second.length); at++)
    mixed.push(...[first[at], second[at]].flatMap((each) => each ?? []));
  return mixed;
}

function rotated<T>(list: readonly T[], turn: number): T[] {
  const at = list.length === 0 ? 0 : turn % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** Tells whether this machine has an IPv6 address that is valid beyond its own links. */
export function speaksIPv6(): boolean {
  return Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .some(({ family, internal, address }) => family === 'IPv6' && !internal && !/^fe[89ab]/i.test(address));
}

/** @throws NameError where no address is of the family that was asked for */
export function ofFamily(
  found: readonly LookupAddress[],
  family: number | 'IPv4' | 'IPv6' | undefined,
  hostname: string,
): LookupAddress[] {
  const wanted = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : (family ?? 0);
  const fitting = wanted === 4 || wanted === 6 ? found.filter((each) => each.family === wanted) : [...found];
  if (fitting.length === 0) throw noSuchName(hostname);
  return fitting;
}
