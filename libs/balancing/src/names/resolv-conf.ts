import { isIP } from 'node:net';

/** The content of `/etc/resolv.conf` (resolv.conf(5)). */
export interface ResolvConf {
  /** Addresses as `dns.setServers` takes them. Empty if the file names none. */
  readonly servers: readonly string[];
  /** Domains that are appended to a short name. */
  readonly search: readonly string[];
  /** A name with at least this many dots is asked for as it stands first; 0 to 15. */
  readonly ndots: number;
}

/** Bounds of the C library. */
const maxServers = 3;
const maxSearch = 32;

/** Reads `/etc/resolv.conf`. Unknown lines are left out, as the system does; the last `search` or `domain` holds. */
export function readResolvConf(text: string): ResolvConf {
  const servers: string[] = [];
  let search: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (/^[#;]/.test(line)) continue;
    const [keyword = '', ...values] = line
      .replace(/\s[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver') {
      const server = serverOf(values[0] ?? '');
      if (server !== undefined && servers.length < maxServers && !servers.includes(server)) servers.push(server);
    }
    if (keyword === 'search' || keyword === 'domain') {
      const domains = keyword === 'domain' ? values.slice(0, 1) : values;
      search = domains.map((domain) => domain.toLowerCase().replace(/\.$/, '')).filter((domain) => domain !== '');
      search = search.slice(0, maxSearch);
    }
    if (keyword === 'options') ndots = values.reduce(ndotsOf, ndots);
  }
  return { servers, search, ndots };
}

function serverOf(written: string): string | undefined {
  const family = isIP(written);
  if (family === 0) return undefined;
  return family === 6 ? `[${written}]` : written;
}

function ndotsOf(before: number, option: string): number {
  const [, dots] = /^ndots:(\d{1,9})$/.exec(option) ?? [];
  return dots === undefined ? before : Math.min(15, Number(dots));
}
