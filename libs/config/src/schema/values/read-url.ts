import { isIPv4, isIPv6 } from 'node:net';
import type { ScalarReading } from './scalars.js';

export interface UrlRule {
  readonly protocols: readonly string[];
  /** True if it may hold a user name and a password. @default false */
  readonly userInfo?: boolean;
  /** True if paths are appended to it: then it ends with its path, and a trailing slash is dropped. @default false */
  readonly base?: boolean;
  /** The allowed paths. @default any */
  readonly path?: 'none' | 'database';
}

const maxUrl = 2_048;

/**
 * Reads an absolute URL strictly. Forms that a browser corrects silently (backslashes, a host in another script, `..`, an IPv4 address
 * in hexadecimal) are refused with the right form, because the corrected address may not be the intended one.
 */
export function readUrl(found: unknown, rule: UrlRule): ScalarReading<string> {
  const expected = `a URL that begins with ${rule.protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  const wrong = (reason: string): ScalarReading<string> => ({ expected: `${expected} and ${reason}` });
  if (typeof found !== 'string' || found === '') return { expected };
  if (found.length > maxUrl) return wrong(`is not longer than ${maxUrl} characters`);
  if (/[\s\p{Cc}\p{Cf}]/u.test(found)) return wrong('has no blank, line break or invisible character in it');
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*:)\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/.exec(found);
  const [, scheme = '', authority = '', path = '', query, fragment] = parts ?? [];
  if (!rule.protocols.includes(scheme.toLowerCase())) return { expected };
  if (found.includes('\\')) return wrong('has "/" where it has "\\"');
  const at = authority.lastIndexOf('@');
  if (at !== -1 && rule.userInfo !== true) return wrong('has no user name and password in it');
  const host = authority.slice(at + 1);
  const reason = hostMistake(host, rule) ?? userMistake(authority.slice(0, Math.max(0, at))) ?? pathMistake(path, rule);
  if (reason !== undefined) return wrong(reason);
  if (rule.base === true && (query !== undefined || fragment !== undefined))
    return wrong('ends with its path, without "?" and "#"');
  if (fragment !== undefined)
    return wrong(`has no "#" in it${rule.userInfo === true ? ' (in a password it is written "%23")' : ''}`);
  if (!URL.canParse(found)) return { expected };
  return { value: rule.base === true ? found.replace(/\/+$/, '') : found };
}

function hostMistake(authority: string, { userInfo = false }: UrlRule): string | undefined {
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(authority) ?? [];
  if (bracketed === undefined && authority.split(':').length > 2) {
    if (isIPv6(authority)) return `has its IPv6 address in brackets: "[::1]"`;
    return userInfo
      ? 'has one host and one port (an IPv6 address needs brackets: "[::1]:6379"; "/" in a password is written "%2F")'
      : 'has one host and one port (an IPv6 address needs brackets: "[::1]:8080")';
  }
  if (port !== undefined && !(/^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535))
    return `has a port from 1 to 65535${userInfo ? ' ("/" in a password is written "%2F")' : ''}`;
  if (bracketed !== undefined) {
    if (bracketed.includes('%')) return 'has an IPv6 address without a zone';
    return isIPv6(bracketed) ? undefined : 'has an IPv6 address in its brackets';
  }
  return plain === '' ? 'has a host' : nameMistake(plain);
}

function nameMistake(host: string): string | undefined {
  if (/[^\x21-\x7e]/.test(host)) {
    const ascii = URL.parse(`http://${host}`)?.hostname;
    return ascii === undefined ? 'has a host of ASCII characters' : `has its host in ASCII: "${ascii}"`;
  }
  if (isIPv4(host)) return undefined;
  const labels = host.replace(/\.$/, '').toLowerCase().split('.');
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? ''))
    return 'has a name, or an IPv4 address of four decimal numbers, as its host';
  const isName = labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  return isName && host.length <= 254 ? undefined : 'has a host of letters, digits, "-" and "."';
}

/** Some parsers cut a password at one of these characters, and others do not. */
function userMistake(userInfo: string): string | undefined {
  if (/^[A-Za-z0-9._~!$&'()*+,;=:-]*$/.test(userInfo.replace(/%[0-9A-Fa-f]{2}/g, ''))) return undefined;
  return 'has special characters of its user name and password percent-encoded ("@" is written "%40", "%" is written "%25")';
}

function pathMistake(path: string, rule: UrlRule): string | undefined {
  if (rule.path === 'none' && path !== '' && path !== '/') return 'ends with its port, without a path';
  if (rule.path === 'database' && !/^\/?(?:\d{1,5})?$/.test(path))
    return 'has nothing or the number of a database as its path ("/" in a password is written "%2F")';
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return 'has "%25" where its path has "%"';
  if (!/^[\x21-\x7e]*$/.test(path)) return 'has other than ASCII characters of its path percent-encoded';
  if (/[<>"`{}|^]/.test(path)) return 'has no characters in its path that are to be percent-encoded';
  const climbs = path.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
  return climbs ? 'has no "." or ".." in its path: write the path that is meant' : undefined;
}
