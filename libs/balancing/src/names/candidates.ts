import { domainToASCII } from 'node:url';
import type { ResolvConf } from './resolv-conf.js';

/** RFC 1035 section 2.3.4. */
const maxName = 253;
const maxLabel = 63;
const label = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;

/**
 * A name in the form of a query: lower case, ASCII, with the dot at its end if it was written with one.
 * @returns `undefined` for a text that cannot be a name
 */
export function canonicalName(written: string): string | undefined {
  const ascii = /^[\x21-\x7e]*$/.test(written) ? written : domainToASCII(written);
  const name = ascii.toLowerCase();
  const labels = name.replace(/\.$/, '').split('.');
  if (name.length > maxName + (name.endsWith('.') ? 1 : 0)) return undefined;
  // Some programs read `1.2.3` and `0x7f.1` as addresses, others as names (WHATWG URL section 3.5). Here they are neither.
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) return undefined;
  return labels.every((each) => each.length <= maxLabel && label.test(each)) ? name : undefined;
}

/** RFC 6761 section 6.3: such a name is this machine, and is never sent to a name server. */
export function isLocalhost(name: string): boolean {
  return /^(?:.+\.)?localhost\.?$/.test(name);
}

/** RFC 6761 section 6.4 and RFC 7686: such a name has no address, and is never sent to a name server. */
export function isNeverAsked(name: string): boolean {
  return /(?:^|\.)(?:invalid|onion)\.?$/.test(name);
}

/** The names to query in turn until one has an address (resolv.conf(5), `search` and `ndots`), without a dot at the end. */
export function candidatesOf(name: string, { search, ndots }: Pick<ResolvConf, 'search' | 'ndots'>): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const searched = search.map((domain) => `${name}.${domain}`).filter((each) => each.length <= maxName);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}
