import { RequestContext } from '@frontage/context';
import { ManualClock } from '@frontage/testing/manual-clock';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { operation, scopeOf } from '../fixtures/operations.js';
import { resolveUpstreamOptions, type TransportName } from '../policy/upstream.options.js';
import { compileOperation } from '../request/compiled-operation.js';
import { UpstreamRequest } from '../request/upstream-request.js';
import { afterTargetOf, requestHead } from '../transports/direct/request-head.js';
import { forwardedFields } from '../request/forwarded-fields.js';
import { headers } from './headers.stage.js';

/** A request after its headers were written. */
async function written(context: RequestContext, transport: TransportName, value?: string): Promise<UpstreamRequest> {
  const credentials = value === undefined ? {} : { credentials: { header: 'x-key', value } };
  const options = resolveUpstreamOptions('orders', { urls: ['http://127.0.0.1:1'], transport, ...credentials });
  const compiled = compileOperation(operation(), options.addresses[0], {
    bigNumbers: 'reject',
    wallTime: () => 0,
  });
  const request = new UpstreamRequest(compiled, {}, scopeOf(context), 0, 1_000);
  await headers(
    compiled,
    options,
    forwardedFields(compiled.info.id, options),
    new ManualClock(),
  )(() => Promise.resolve({ ok: true, value: undefined }))(request);
  return request;
}

const contextOf = (requestId: string, traceId: string, tracestate?: string): RequestContext => {
  const context = new RequestContext(requestId, 0, 'GET', '127.0.0.1', {});
  context.traceId = traceId;
  context.tracestate = tracestate;
  return context;
};

it('writes the lines of a request as its list of headers says, and none that could end too early (H10)', async () => {
  const text = fc.oneof(
    fc.constantFrom('4bf92f3577b34da6a3ce929d0e0e4736', 'id-1', ''),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.tuple(fc.string(), fc.constantFrom('\r\nx: y', '\n', '\0', 'ä', '☃')).map((parts) => parts.join('')),
  );
  await fc.assert(
    fc.asyncProperty(text, text, fc.option(fc.constant('a=1'), { nil: undefined }), async (id, trace, state) => {
      const request = await written(contextOf(id, trace, state), 'direct');
      const sent = requestHead(request, afterTargetOf('orders.test'), undefined);
      request.headerLines = '';
      const listed = requestHead(request, afterTargetOf('orders.test'), undefined);
      expect(sent).toBe(listed);
      if (sent !== undefined) expect(sent.split('\r\n').length - 5).toBe(request.headers.length / 2);
    }),
    { numRuns: 300 },
  );
});

it('writes lines for the transport that sends them, and for values that can stand in them', async () => {
  const context = contextOf('id-1', '4bf92f3577b34da6a3ce929d0e0e4736');
  expect((await written(context, 'direct')).headerLines).toContain('\r\nx-request-id: id-1\r\n');
  expect((await written(context, 'direct', 'secret')).headerLines).toContain('\r\nx-key: secret\r\n');
  expect((await written(context, 'undici')).headerLines).toBe('');
});
