import { z } from 'zod';
import { choice, duration, offOr, text, whole } from '../values/fields.js';

const old = 'it has known attacks; write TLSv1.2';

const tls = z
  .strictObject({
    ca: text(
      'File of the authorities in PEM, from the folder of this policy, that are trusted in place of the public ones.',
    ).optional(),
    certificate: text('File of our own certificate in PEM, followed by its intermediates (mutual TLS).').optional(),
    key: text('File of its private key in PEM, without a passphrase.').optional(),
    serverName: text('Name that the server is asked for, and that its certificate must have.', {
      expected: 'a host name',
      matches: /^[0-9A-Za-z._-]+$/,
    })
      .optional()
      .meta({ 'x-default': 'the host of the address' }),
    minVersion: choice('Oldest version of TLS that is spoken.', ['TLSv1.2', 'TLSv1.3'], {
      'TLSv1.1': old,
      TLSv1: old,
      SSLv3: old,
    }).prefault('TLSv1.2'),
    reload: duration(
      'Time between two looks at the files. New connections use new files, older ones are drained; files that do not fit together change nothing.',
      '100ms',
      '1h',
    ).prefault('2s'),
  })
  .meta({
    description: 'TLS towards `https:` addresses. Left out or `off`: the authorities of Node, and no certificate.',
  });

/** Keys of an upstream that decide about its connections. */
export const carriageKeys = {
  protocol: choice(
    'HTTP of the calls. `h2` is HTTP/2 alone, agreed by ALPN for `https:` and known beforehand for `http:`; calls are then carried by `undici`.',
    ['http1', 'h2'],
  ).prefault('http1'),
  streams: whole(
    'With `protocol: h2`, calls at once on one connection, or fewer if the server says so.',
    1,
    10_000,
  ).prefault(100),
  tls: offOr(tls).optional(),
  connections: whole('Connections held open to each address.', 1, 10_000)
    .optional()
    .meta({ 'x-default': '`64`, or `4` with `protocol: h2`' }),
};
