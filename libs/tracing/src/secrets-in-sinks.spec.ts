import { PassThrough } from 'node:stream';
import { channels } from '@frontage/core';
import { ExportResultCode } from '@opentelemetry/core';
import { expect, it } from 'vitest';
import { call, clock, ended } from './fixtures/ended-request.js';
import { startTracing } from './index.js';

const secret = 'Qs3cret-17';
const texts = [
  `PGPASSWORD=${secret}`,
  `session_id=${secret}`,
  `postgres://ada:${secret}@db/shop`,
  `Authorization: Digest username="ada", response="${secret}"`,
  `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
];

it.each(texts)('no sink writes the secret of %s, whichever text it came in', async (text) => {
  const log = new PassThrough();
  let written = '';
  log.setEncoding('utf8').on('data', (chunk: string) => (written += chunk));
  const spans: unknown[] = [];
  const tracing = await startTracing({
    app: 'mobile',
    clock,
    log: { destination: log },
    spans: {
      sampleRatio: 1,
      exporter: {
        export: (batch, done) => {
          spans.push(...batch.map(({ name, attributes, links, events }) => ({ name, attributes, links, events })));
          done({ code: ExportResultCode.SUCCESS });
        },
        shutdown: () => Promise.resolve(),
      },
    },
  });
  const error = Object.assign(new Error(text, { cause: new AggregateError([new Error(text)], text) }), { name: text });
  channels.requestEnded.publish(
    ended({
      status: 500,
      code: text,
      error,
      context: {
        route: `/a/${text}`,
        method: text,
        calls: [call({ upstream: text, operation: text, part: text, outcome: 'timeout' })],
      },
    }),
  );
  channels.requestEnded.publish(ended({ status: 500, error: text }));
  channels.requestEnded.publish(ended({ status: 500, error: { [text]: 1 } }));
  channels.callEnded.publish({ context: ended().context, record: call({ upstream: text, operation: text }) });
  channels.cacheUsed.publish({ upstream: text, operation: text, result: 'hit' });
  channels.breakerChanged.publish({ upstream: text, state: 'open' });
  channels.contractBroken.publish({ upstream: text, operation: text, keyword: text, pointer: text });
  channels.warning.publish({ from: text, message: text, cause: error });
  const metrics = tracing.metrics();
  await tracing.stop();
  await expect.poll(() => written.split('\n').length).toBeGreaterThan(4);
  expect(spans.length).toBeGreaterThan(1);
  for (const sink of [written, JSON.stringify(spans), metrics]) {
    expect(sink).not.toContain('s3cret');
    expect(sink).toContain('[redacted]');
  }
});
