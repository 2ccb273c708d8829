import { describe, expect, it } from 'vitest';
import { homePlan } from '../fixtures/home-screen.js';
import { screen, type EventName } from './screen.js';

const counting = (count: string) => screen(homePlan, () => undefined, { count: count as EventName });

describe('the name of a business event', () => {
  it.each(['order.placed', 'a.b', 'gift_card2.sent.by_mail', `a.${'b'.repeat(62)}`])('may be %s', (name) => {
    expect(counting(name).count).toBe(name);
  });

  it.each([
    '',
    'order',
    'Order.placed',
    'order.',
    '.placed',
    'order placed',
    'order..placed',
    '1.2',
    'é.b',
    'a.b\n',
    `a.${'b'.repeat(63)}`,
  ])('may not be %j: the message has the place and an example', (name) => {
    // prettier-ignore
    expect(() => counting(name)).toThrow(
        new RegExp(String.raw`^screen of plan '${homePlan.name}': count is .* at libs/aggregation/src/view/screen\.spec\.ts:5:\d+: write .*'order\.placed'$`), // prettier-ignore
      );
  });
});
