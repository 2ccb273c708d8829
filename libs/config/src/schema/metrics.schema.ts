import { z } from 'zod';
import { proxy } from './network.schema.js';
import { address, duration, flag, offOr, secret, whole } from './values/fields.js';

const web = ['http:', 'https:'];

/** The keys of a collector that takes OTLP over HTTP. @param what what is sent to it, for the words of its keys */
export const collector = (what: 'spans' | 'metrics', path: string) => ({
  url: address(`Full address, such as \`http://collector:4318${path}\`.`, { protocols: web }),
  proxy: proxy(`In place of the app's \`proxy\`, for ${what}.`).optional(),
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), secret('Value of the header field.'))
    .prefault({})
    .meta({ description: 'Header fields sent with every export.' }),
});

export const metricsSchema = z
  .strictObject({
    enabled: flag('Prometheus text at `/metrics` on the admin port.').prefault(true),
    topClients: whole(
      'Clients that send most requests, told by pseudonym at `/clients` on the admin port. Left out: none are counted.',
      1,
      100,
    ).optional(),
    otlp: offOr(
      z
        .strictObject({
          ...collector('metrics', '/v1/metrics'),
          every: duration('Time between two exports.', '1s', '1h').prefault('60s'),
        })
        .meta({
          description:
            'Receiver of metrics: OTLP over HTTP with protobuf, as sums since the start. Left out or `off`: they are not sent.',
        }),
    ).optional(),
  })
  .meta({ description: 'Metrics.' });
