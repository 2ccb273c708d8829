import { z } from 'zod';
import { address, duration, text } from './values/fields.js';

/** A proxy, or `off`. */
export function proxy(description: string) {
  return address(description, { protocols: ['http:', 'https:'], userInfo: true, path: 'none', orOff: true });
}

const ipv4 = String.raw`(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
const port = String.raw`(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])`;
const server = new RegExp(String.raw`^(?:${ipv4}(?::${port})?|\[[0-9A-Fa-f:.]+\](?::${port})?)$`);

export const dnsSchema = z
  .strictObject({
    servers: z
      .array(
        text('Address of a name server.', {
          expected: 'the IP address of a name server, such as 10.0.0.2, 10.0.0.2:5353 or [fd00::2]:53',
          matches: server,
        }),
      )
      .min(1)
      .optional()
      .meta({
        description: 'Name servers, in the order of queries. Left out: those of `/etc/resolv.conf`.',
        'x-written': 'list of IP addresses',
      }),
    timeout: duration('Longest time for one name, over all servers and repetitions.', '10ms', '30s').prefault('3s'),
    minTtl: duration(
      'A DNS response is used for at least this long, also where its records have a shorter time to live.',
      '1ms',
      '1h',
    ).prefault('1s'),
    maxTtl: duration('A DNS response is used for at most this long.', '1ms', '24h').prefault('5m'),
    negativeTtl: duration('A response that a name has no address is used for this long.', '1ms', '10m').prefault('5s'),
    staleFor: duration(
      'The last response is used for this long after it expired, while the name servers hang or fail.',
      '0ms',
      '720h',
    ).prefault('24h'),
  })
  .meta({ description: 'How names become addresses: see `docs/names.md`.' });
