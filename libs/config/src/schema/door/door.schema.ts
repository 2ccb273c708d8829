import { z } from 'zod';
import { choice, duration, field, flag, offOr, text, texts } from '../values/fields.js';
import type { ScalarReading } from '../values/scalars.js';

/** Headers, addresses and events at the door of an app: what browsers may do, who may connect, what is written down. */

const network = /^[0-9A-Fa-f.:]+(?:\/\d{1,3})?$/;
const networks = { expected: 'an IP address or a network such as 10.0.0.0/8', matches: network };
const fieldName = {
  expected: 'the name of a header field',
  matches: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  lowerCase: true,
};
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const port = String.raw`(?::[1-9]\d{0,4})?`;
const host = String.raw`(?:${label}(?:\.${label})*|\[[0-9a-f:]+\])`;
/** RFC 6454 section 6.2; `*` stands for one label, below at least two others. */
const origin = new RegExp(`^https?://(?:${host}|\\*\\.${label}(?:\\.${label})+)${port}$`);

/** The proxies before the app: their number, or their addresses. */
export const trustedProxies = (description: string) =>
  field<number | readonly string[]>(
    (found): ScalarReading<number | readonly string[]> => {
      if (typeof found === 'number' && Number.isInteger(found) && found >= 0 && found <= 16) return { value: found };
      const list: readonly unknown[] = Array.isArray(found) ? found : [];
      const value = list.filter((one): one is string => typeof one === 'string' && network.test(one));
      return list.length > 0 && value.length === list.length
        ? { value }
        : { expected: 'a whole number from 0 to 16, or a list of IP addresses and networks such as 10.0.0.0/8' };
    },
    {
      description,
      type: ['integer', 'string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      minimum: 0,
      maximum: 16,
      'x-written': 'whole number, 0 to 16, or a list of IP addresses and networks',
    },
  );

export const behindCdnSchema = z
  .strictObject({
    addresses: texts('Addresses and networks of the CDN. A connection from any other address is closed.', networks)
      .optional()
      .meta({ 'x-default': 'those of `addressesFile`; one of both must be given' }),
    addressesFile: text(
      'File of such addresses and networks, one a line, from the folder of this policy; it is read again when it changes.',
    ).optional(),
    healthFrom: texts(
      'Addresses and networks from which health checks come. They may connect, and only `/livez` and `/readyz` are served to them.',
      networks,
    ).optional(),
    clientAddress: text(
      'Header field in which the CDN writes the address of the client. `X-Forwarded-For` is not read.',
      fieldName,
    ),
    originSecret: z
      .strictObject({
        header: text('Header field in which the CDN sends the secret.', fieldName),
        file: text(
          'File of the secret, from the folder of this policy: one line, or two while the secret is replaced. It is read again when it changes.',
        ),
      })
      .optional()
      .meta({
        description:
          'A request without the secret is refused with 403. Without it, other customers of the CDN can send requests through its addresses.',
      }),
    reload: duration('Time between two looks at the files.', '100ms', '1h').prefault('2s'),
  })
  .meta({ description: 'Only a CDN connects to this app: see `docs/hardening.md`. Left out or `off`: everybody may.' });

export const corsSchema = z
  .strictObject({
    origins: texts('Origins whose pages may read responses.', {
      expected: 'an origin such as https://shop.example.com or https://*.example.com (one label in place of `*`)',
      matches: origin,
    }),
    headers: texts('Header fields that such a page may send, besides those that need no leave.', {
      ...fieldName,
      matches: /^(?!\*$)[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
    })
      .optional()
      .meta({ 'x-default': '`[authorization, content-type]`' }),
    exposeHeaders: texts('Header fields of responses that such a page may read.', {
      ...fieldName,
      matches: /^(?!\*$)[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
    })
      .optional()
      .meta({ 'x-default': '`[x-request-id, retry-after, ratelimit, ratelimit-policy]`' }),
    credentials: flag('Such a page may send cookies and client certificates.').prefault(false),
    maxAge: duration('A browser remembers the response to a preflight for this long.', '0ms', '24h').prefault('10m'),
  })
  .meta({
    description:
      'Pages of other origins that may call this app from a browser (CORS). Methods are those of the routes. Left out or `off`: none may.',
  });

/** Those who may, by what their credential says: one role or one scope of the lists. */
const roles = texts('Callers with one of these roles.').optional();
const scopes = texts('Callers with one of these scopes.').optional();

export const serverTimingSchema = z
  .strictObject({
    roles,
    scopes,
    everybody: flag('All requests, also without a caller.').prefault(false),
  })
  .meta({
    description:
      'Callers whose responses have `Server-Timing`, with the parts of the screen, and `Timing-Allow-Origin`: see `docs/headers.md`. Left out or `off`: none.',
  });

const headerValue = {
  expected: 'the value of a header field, or `off`',
  matches: /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/,
};

export const securityHeadersSchema = z
  .strictObject({
    contentSecurityPolicy: text('`Content-Security-Policy`.', headerValue).prefault(
      "default-src 'none'; frame-ancestors 'none'",
    ),
    strictTransportSecurity: text(
      '`Strict-Transport-Security`. Browsers heed it only where it came over TLS.',
      headerValue,
    ).prefault('max-age=31536000; includeSubDomains'),
    referrerPolicy: text('`Referrer-Policy`.', headerValue).prefault('no-referrer'),
    crossOriginResourcePolicy: text(
      '`Cross-Origin-Resource-Policy`: pages that may load responses as an image or a script. It does not concern `cors`.',
      headerValue,
    ).prefault('same-origin'),
  })
  .meta({
    description:
      'Header fields that stand on every response; `off` leaves one out. `X-Content-Type-Options: nosniff` stands there always.',
  });

export const auditLogSchema = offOr(
  z
    .strictObject({
      file: text('File to append to. Left out: standard output.').optional(),
      callers: choice(
        'How a caller is written: `named` by the subject of its token, `hashed` by the pseudonym that the log has, too.',
        ['named', 'hashed'],
      ).prefault('named'),
    })
    .meta({
      description:
        'A log of security decisions of its own, in which each line has the hash of the line before it: see `docs/hardening.md`. Left out or `off`: none is written.',
    }),
);

export const signaturesSchema = z
  .strictObject({
    mode: choice('`report` writes them into the audit log, `refuse` responds with 403.', ['report', 'refuse']),
    ignore: texts('Names of signatures that are not looked for.', {
      expected: 'the name of a signature of docs/hardening.md',
      matches: /^(?:sql|html)-[a-z-]+$/,
    }).optional(),
  })
  .meta({
    description:
      'Forms of SQL injection and of scripts in paths and queries: see `docs/hardening.md`. Left out or `off`: they are not looked for.',
  });
