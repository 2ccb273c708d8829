import { inRequestScope, RequestContext } from '@frontage/context';
import { systemClock } from '@frontage/core';
import { test } from 'vitest';
import { AppLog } from './app-log.js';
import { CallerHash } from './caller-hash.js';
import { LogLevels } from './log-levels.js';

/** Run with `npx vitest bench libs/tracing`. Lines of an app's own code, and the scope of a request that they are written in. */
const hash = new CallerHash('key');
const levels = new LogLevels('info', hash, systemClock);
const changed = new LogLevels('info', hash, systemClock);
for (const logger of ['Orders', 'Stock', 'Cart']) changed.change({ logger }, 'debug', 3_600_000);
const [usual, other] = [levels, changed].map((one) => new AppLog('bench', one, hash, () => undefined).logger('Pages'));
const context = new RequestContext('3f0c9f5e-4c5b-4a54-9a2f-6a1f5d9b8f11', 0, 'GET', '192.0.2.1', {});
Object.assign(context, {
  route: '/orders/:id',
  traceId: 'a'.repeat(32),
  caller: { subject: 'ada', scopes: [], roles: [] },
});
const nothing = (): void => undefined;

test('own lines', async ({ bench }) => {
  await bench('a request is followed', () => inRequestScope(context, nothing)).run();
  await bench('followed, with a line of two members', () =>
    inRequestScope(context, () => usual?.info('order placed', { orderId: 'o-1', items: 3 })),
  ).run();
  await bench('a line below the level', () => usual?.debug('2 left')).run();
  await bench('a line below the level, three levels changed', () => other?.debug('2 left')).run();
});
