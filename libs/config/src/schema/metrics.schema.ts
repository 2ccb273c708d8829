import { z } from 'zod';
import { proxy } from './network.schema.js';
import { address, duration, flag, offOr, ratio, secret, texts, whole } from './values/fields.js';

const web = ['http:', 'https:'];

/** The keys of a collector that takes OTLP over HTTP. @param what what is sent to it, for the words of its keys */
const collector = (what: 'spans' | 'metrics', path: string) => ({
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

/** Spans of requests: where they go, and which are kept. */
export const tracingSchema = z
  .strictObject({
    otlp: offOr(
      z
        .strictObject({
          ...collector('spans', '/v1/traces'),
        })
        .meta({
          description:
            'Receiver of spans: OTLP over HTTP with protobuf. Left out: that of the variables `OTEL_EXPORTER_OTLP_*`, if they name one. `off`: no spans are exported.',
        }),
    ).optional(),
    sampleRatio: ratio('Share of requests whose spans are kept, besides all slow, failed and partial ones.')
      .optional()
      .meta({ 'x-default': '`5%`, or what `OTEL_TRACES_SAMPLER` says' }),
    always: z
      .strictObject({
        routes: texts('Routes, each a method and a path: `GET /orders/:id`.', {
          expected: 'a method and a path such as GET /orders/:id',
          matches: /^[A-Z]+ \/\S*$/,
        }).optional(),
        roles: texts('Callers with one of these roles.').optional(),
        scopes: texts('Callers with one of these scopes.').optional(),
      })
      .prefault({})
      .meta({ description: 'Requests whose spans are always kept.' }),
    slow: duration('A request that takes this long or longer counts as slow.', '1ms', '10m').prefault('1s'),
  })
  .meta({ description: 'Traces.' });
