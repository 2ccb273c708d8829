import { z } from 'zod';
import { address, duration, text } from './fields.js';

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
        description: 'Name servers, in the order in which they are asked. Left out: those of `/etc/resolv.conf`.',
        'x-written': 'list of IP addresses',
      }),
    timeout: duration('For one name, with all servers and repetitions.', '10ms', '30s').prefault('3s'),
    minTtl: duration('An answer is used for so long at least, whatever its records say.', '1ms', '1h').prefault('1s'),
    maxTtl: duration('An answer is used for so long at most.', '1ms', '24h').prefault('5m'),
    negativeTtl: duration('For so long it is believed that a name has no address.', '1ms', '10m').prefault('5s'),
    staleFor: duration(
      'For so long after its time the last answer serves on while the name servers hang or fail.',
      '0ms',
      '720h',
    ).prefault('24h'),
  })
  .meta({ description: 'How names become addresses: see `docs/names.md`.' });
