import { z } from 'zod';
import { address, choice, duration, flag, text } from './values/fields.js';

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

const old = 'it has known attacks; write TLSv1.2';

export const tlsSchema = z
  .strictObject({
    certificate: text(
      'File of the certificate in PEM, from the folder of this policy: the certificate first, then its intermediates.',
    ),
    key: text('File of its private key in PEM, without a passphrase.'),
    minVersion: choice('Oldest version of TLS that is accepted.', ['TLSv1.2', 'TLSv1.3'], {
      'TLSv1.1': old,
      TLSv1: old,
      SSLv3: old,
    }).prefault('TLSv1.2'),
    ciphers: z
      .array(text('A cipher suite.', { expected: 'the name of a cipher suite in OpenSSL', matches: /^[A-Z0-9_-]+$/ }))
      .min(1)
      .optional()
      .meta({
        description:
          'Cipher suites by their names in OpenSSL, the preferred one first. A list without suites of TLS 1.3 (`TLS_...`) leaves those as they are.',
        'x-written': 'list of cipher suites',
        'x-default': 'suites with forward secrecy and authenticated encryption',
      }),
    clientCertificates: z
      .strictObject({
        ca: text('File of the authorities, in PEM, whose client certificates are accepted.'),
        crl: text(
          'File of revocation lists, in PEM: a current one of each authority in `ca`. A certificate in them is refused by new connections. Left out: none are looked at.',
        ).optional(),
        required: flag(
          'A connection without a certificate is refused, health checks of this port too. With `false`, a route that needs no caller is served to clients without a certificate.',
        ).prefault(false),
      })
      .optional()
      .meta({ description: 'Client certificates (mutual TLS). Left out: clients are not asked for one.' }),
    reload: duration(
      'Time between two looks at the files. New files are used by new connections; files that do not fit together change nothing.',
      '100ms',
      '1h',
    ).prefault('2s'),
    warnBefore: duration(
      'The log has a warning, once a day, for this long before the certificate expires.',
      '0ms',
      '8760h',
    ).prefault('336h'),
  })
  .meta({
    description: 'TLS that this app serves by itself: see `docs/tls.md`. Left out or `off`: a proxy in front ends TLS.',
  });

export const redisSchema = z
  .strictObject({
    url: address(
      'Address of one Redis, with user name and password where it needs them. A node of a Redis Cluster and a Sentinel are refused at start.',
      {
        protocols: ['redis:', 'rediss:'],
        userInfo: true,
        path: 'database',
      },
    ),
    lastGood: flag(
      'Last good responses (`lastGood(...)` in plans) are shared, so that a process that has just started has them too. They may hold data of callers: keys are hashes, and values are as the services sent them.',
    ).prefault(false),
  })
  .meta({
    description:
      'Shared store for rate limits and caches; each app has its own keys in it. Left out or `off`: the processes of one `frontage serve` count together, and each keeps its own cache.',
  });
