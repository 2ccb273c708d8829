import { channels as published } from '@frontage/core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { call, ended } from './fixtures/ended-request.js';
import { startTracing, type Tracing, type TracingOptions } from './index.js';

/**
 * Run with `npx vitest bench libs/tracing`.
 * Measures one request with five calls without a kept span, from its publications to the line in the buffer; and the
 * same publications without a subscriber.
 */
const caller = { subject: 'ada', scopes: ['home:read'], roles: [] };
const calls = Array.from({ length: 5 }, (_, index) => call({ upstream: `upstream-${index}` }));
const request = ended({ context: { calls, caller } });
const records = calls.map((record) => ({ context: request.context, record }));

// Taken once: vitest puts a getter before every import, which costs more than what is measured.
const { callEnded, requestEnded } = published;

function publish(): void {
  for (const record of records) if (callEnded.hasSubscribers) callEnded.publish(record);
  if (requestEnded.hasSubscribers) requestEnded.publish(request);
}

const toNull = { destination: { path: '/dev/null' } };
const variants: readonly (readonly [string, TracingOptions])[] = [
  ['metrics alone', { app: 'bench', log: { level: 'silent' } }],
  ['metrics and log', { app: 'bench', log: toNull }],
  [
    'metrics, log and a collector, not kept',
    { app: 'bench', log: toNull, spans: { otlp: { url: 'http://127.0.0.1:9' }, sampleRatio: 0 } },
  ],
];

test('nobody listens', async ({ bench }) => {
  await bench('nobody listens', publish).run();
});

// One after the other: everything that is started listens to everything that is published.
describe.each(variants)('%s', (name, options) => {
  let tracing: Tracing | undefined;
  beforeAll(async () => {
    tracing = await startTracing(options);
  });
  afterAll(() => tracing?.stop());

  test(name, async ({ bench }) => {
    await bench(name, publish).run();
  });
});
