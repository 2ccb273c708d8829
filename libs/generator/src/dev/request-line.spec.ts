import { describe, expect, it } from 'vitest';
import { renderStyled } from '../terminal/styled-text.js';
import { requestLine } from './request-line.js';

const request = { method: 'GET', route: '/home', status: 200, durationMs: 415.4 };
const shown = (record: object, hasColours = false): string =>
  renderStyled(requestLine('tv', JSON.stringify(record)), hasColours);
const call = (part: string, ms: number, more: object = {}) => ({
  part,
  upstream: 'orders',
  operation: 'listOrders',
  status: 200,
  ms,
  attempt: 1,
  ...more,
});
const failure = (part: string, more: object) => ({
  part,
  upstream: 'users',
  operation: 'getUser',
  address: 'http://h:1',
  attempt: 1,
  ...more,
});

describe('the line of a request', () => {
  it.each<[string, object, string]>([
    ['is its method, path, status and time', { calls: [call('recent', 99)] }, 'tv       GET /home 200 415 ms\n'],
    [
      'names parts that took 100 ms or longer by their longest call, the three slowest first',
      { calls: [call('a', 100), call('b', 412), call('c', 130), call('c', 120), call('d', 140)] },
      'tv       GET /home 200 415 ms  b 412 ms, d 140 ms, c 130 ms\n',
    ],
    [
      'does not call a part slow that nothing waited for',
      { calls: [call('a', 300, { outcome: 'cancelled' }), call('b', 300, { outcome: 'pending' })] },
      'tv       GET /home 200 415 ms\n',
    ],
    [
      'says how long a part that is missing was waited for',
      {
        missingParts: 1,
        calls: [call('recent', 412), call('user', 400.2, { outcome: 'timeout', upstream: 'users', status: 0 })],
        failures: [failure('user', { reason: 'timeout', detail: 'no response within the timeout' })],
      },
      'tv       GET /home 200 415 ms  recent 412 ms, user missing: timeout after 400 ms\n',
    ],
    [
      'says why parts failed, where an address did not respond, and how often',
      {
        status: 502,
        code: 'GW_UPSTREAM_FAILED',
        failures: [
          failure('user', { reason: 'error', detail: 'connect ECONNREFUSED', attempt: 2 }),
          failure('rows', { reason: 'not_found', status: 404, count: 3 }),
          { upstream: 'users', operation: 'addUser', reason: 'open_circuit', attempt: 0 },
          'nothing',
        ],
        moreFailures: 2,
      },
      'tv       GET /home 502 415 ms  GW_UPSTREAM_FAILED, ' +
        'user failed: error, connect ECONNREFUSED at http://h:1, attempt 2, rows failed: not_found, status 404, 3 times, ' +
        'users.addUser failed: open_circuit, and 2 more\n',
    ],
    [
      'says that parts are missing where nothing more is known',
      { missingParts: 2, clientGone: true },
      'tv       GET /home 200 415 ms, the client has left  2 missing\n',
    ],
    [
      'has the place of a mistake in code below it',
      {
        status: 500,
        error: { type: 'TypeError', message: 'no name', stack: 'TypeError\n    at home.ts:3:1\n    at x' },
      },
      'tv       GET /home 500 415 ms\n         TypeError: no name at home.ts:3:1\n',
    ],
  ])('%s', (_name, more, line) => {
    expect(shown({ ...request, ...more })).toBe(line);
  });

  it('has colours where the terminal has them', () => {
    const line = shown({ ...request, calls: [call('recent', 412)] }, true);
    expect(line).toBe('tv       GET /home \u001b[32m200\u001b[39m 415 ms  \u001b[33mrecent 412 ms\u001b[39m\n');
  });
});

describe('another line', () => {
  it('is its level, its words and its members', () => {
    const breaker = { level: 'warn', time: 'now', app: 'tv', upstream: 'orders', state: 'open', msg: 'breaker' };
    expect(shown(breaker)).toBe('tv       warn breaker: upstream orders, state open\n');
    const warning = { level: 'warn', from: 'store', warning: 'is down', error: { type: 'E', message: 'no way', stack: 'long' }, msg: 'warning' }; // prettier-ignore
    expect(shown(warning)).toBe('tv       warn warning: from store, warning is down, error no way\n');
    expect(shown({ level: 'info' })).toBe('tv       info\n');
  });

  it('stays as it is where it is no record', () => {
    for (const line of ['hello {', '42', '[1]'])
      expect(renderStyled(requestLine('tv', line), false)).toBe(`tv | ${line}\n`);
  });
});
