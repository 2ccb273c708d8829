/**
 * Measures what a hit of the cache costs: `npx frontage build && node libs/clients/src/stages/cache.stage.bench.ts`. A call of an executor, from its
 * arguments to its outcome: in memory, and from the records of a store that answers at once, without the way to it. The figures are
 * microseconds of CPU time, of all threads of the process, as medians of rounds.
 */
import { OperationCache, KeptBody, encodeRecord, decodeRecord } from '@frontage/caching';
import { createUpstream } from '@frontage/clients';
import { RequestContext, type CallScope } from '@frontage/context';
import { SchemaTable, systemClock, type OperationInfo } from '@frontage/core';
import { createServer } from 'node:http';

const item = (id: number): object => ({
  id: `article-${id}`,
  name: `Article number ${id}`,
  price: { amount: id * 1.5, currency: 'EUR' },
  text: `Text ${id} that no screen reads, as services send many of them`,
});
const listOf = (count: number): Buffer =>
  Buffer.from(JSON.stringify({ items: Array.from({ length: count }, (_, id) => item(id)) }));

const operation: OperationInfo = {
  contract: { upstream: 'bench', title: 'Bench', version: '1', schemas: new SchemaTable([]) },
  id: 'listItems',
  method: 'GET',
  path: '/shops/{shopId}/items',
  parameters: [
    { name: 'shopId', in: 'path', required: true },
    { name: 'limit', in: 'query' },
  ],
  responses: [{ status: '200', media: 'application/json' }],
};

async function microsecondsOf(run: () => Promise<unknown>, times: number): Promise<string> {
  const rounds: number[] = [];
  for (let round = 0; round < 9; round++) {
    const from = process.cpuUsage();
    for (let time = 0; time < times; time++) await run();
    const { user, system } = process.cpuUsage(from);
    rounds.push((user + system) / times);
  }
  return `${(rounds.toSorted((one, other) => one - other)[4] ?? 0).toFixed(1)} us`;
}

for (const count of [10, 100, 1_000]) {
  const body = listOf(count);
  const service = createServer((_, response) => void response.setHeader('content-type', 'application/json').end(body));
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const address = service.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cache = new OperationCache();
  const upstream = createUpstream(
    'bench',
    { urls: [`http://127.0.0.1:${port}`], cache: { listItems: { ttlMs: 3_600_000 } } },
    { clock: systemClock, cache },
  );
  const caller = { subject: 'ada', scopes: ['items:read'], roles: [] };
  const read = upstream.executor(operation, { readBody: (bytes) => ({ length: bytes.length }) });
  const hit = (): Promise<unknown> => {
    const context = new RequestContext('r', systemClock.now(), 'GET', '192.0.2.1', {});
    context.caller = caller;
    const scope: CallScope = {
      context,
      part: 'items',
      deadlineAt: systemClock.now() + 1_000,
      cancellation: context.cancellation,
    };
    return read({ path: { shopId: 'a' }, query: { limit: count } }, scope);
  };
  await hit();
  const value = new KeptBody(body);
  const expiresAt = systemClock.wallTime() + 3_600_000;
  const record = (await encodeRecord({ value, expiresAt })) ?? Buffer.alloc(0);
  const parsed = async (): Promise<unknown> => JSON.parse(body.toString());
  console.log(`\na body of ${body.byteLength} bytes, ${record.byteLength} in the store`);
  console.log('  a hit in memory', await microsecondsOf(hit, 5_000));
  console.log('  a record is read', await microsecondsOf(() => decodeRecord(record), 300));
  console.log('  a record is written', await microsecondsOf(() => encodeRecord({ value, expiresAt }), 300));
  console.log('  for comparison: the body is parsed', await microsecondsOf(parsed, 300));
  await upstream.close();
  service.closeAllConnections();
  service.close();
}
