import { isIP } from 'node:net';

/** Addresses by name, in the order of the file. */
export type HostsTable = ReadonlyMap<string, readonly string[]>;

/** Most names that are read from a hosts file; further names are left out. */
const maxNames = 10_000;

/** Reads `/etc/hosts` (hosts(5)): an address and its names on each line. Other lines are left out, as the system does. */
export function readHosts(text: string): HostsTable {
  const table = new Map<string, string[]>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    // A zone belongs to the links of one machine (RFC 4007), so such an entry names no service.
    if (isIP(address) === 0 || address.includes('%')) continue;
    for (const written of names) {
      const name = written.toLowerCase().replace(/\.$/, '');
      const known = table.get(name);
      if (known === undefined && table.size >= maxNames) continue;
      if (known === undefined) table.set(name, [address]);
      else if (!known.includes(address)) known.push(address);
    }
  }
  return table;
}
