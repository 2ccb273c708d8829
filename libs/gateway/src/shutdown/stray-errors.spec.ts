import { channels, listen, type Warning, type UnhandledRejection } from '@frontage/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rejectionReport } from './stray-errors.js';

let messages: string[] = [];
let reasons: unknown[] = [];
let unsubscribe: (() => void)[] = [];
const fail = (thrown: unknown): void => {
  throw thrown;
};
beforeEach(() => {
  messages = [];
  reasons = [];
  unsubscribe = [
    listen<Warning>(channels.warning, ({ message }) => messages.push(message), fail),
    listen<UnhandledRejection>(channels.unhandledRejection, ({ reason }) => reasons.push(reason), fail),
  ];
});
afterEach(() => {
  for (const end of unsubscribe) end();
});

it('logs ten forgotten promises a minute, says how many it left out, and reports all of them', () => {
  let now = 0;
  const report = rejectionReport(() => now);
  for (let i = 0; i < 25; i++) report(i);
  expect(messages).toHaveLength(10);
  now = 60_000;
  report('later');
  report('later still');
  const message = 'a promise was rejected and nothing waited for it: an await is missing';
  expect(messages.slice(10)).toEqual([`${message} (15 more were not logged)`, message]);
  expect(reasons).toHaveLength(27);
});

it.each([undefined, null, Object.create(null), Proxy.revocable({}, {})])('takes any reason: %#', (reason) => {
  rejectionReport()(reason);
  expect(reasons).toEqual([reason]);
});
