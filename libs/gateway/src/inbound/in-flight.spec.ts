import { Controller, Get } from '@nestjs/common';
import { Access, Public } from '@frontage/auth';
import { RateClass } from '@frontage/throttling';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';

/** Requests that wait until the test lets them go on. */
let waiting: (() => void)[] = [];
const held = (): Promise<object> => new Promise((resolve) => waiting.push(() => resolve({})));

@Controller()
@RateClass('interactive')
class Slow {
  @Access({ scope: 'slow:read' })
  @Get('slow')
  slow() {
    return held();
  }

  @Public()
  @Get('open')
  open() {
    return held();
  }
}

const policy = `${takesTokens}limits: { maxInFlightPerCaller: 2 }\nrateClasses: { interactive: [{ per: user, limit: 3, window: 1h }] }\n`;

let app: GatewayUnderTest;
beforeEach(async () => {
  waiting = [];
  app = await GatewayUnderTest.start({ controllers: [Slow], policy, upstreams: '' });
});
afterEach(() => app.stop());

describe('requests of one caller at the same time', () => {
  const ask = async (subject: string) => {
    const token = await app.token(subject, 'slow:read');
    return app.ask('/slow', { token });
  };
  const underWay = (count: number) => expect.poll(() => waiting.length, { timeout: 10_000 }).toBe(count);

  it('are bounded, with the place of one for the next, and others have places of their own', async () => {
    const first = [ask('ada'), ask('ada')];
    await underWay(2);
    const refused = await ask('ada');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('ratelimit-policy')).toBe('"in-flight";q=2;qu="concurrent-requests"');
    expect(await refused.json()).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      code: 'GW_RATE_LIMITED',
      'violated-policies': ['in-flight'],
    });
    const other = ask('bob');
    await underWay(3);
    for (const go of waiting) go();
    for (const response of [...first, other]) expect((await response).status).toBe(200);
    // Two of three are counted: the refused one took nothing from the rate class.
    const third = ask('ada');
    await underWay(4);
    waiting.at(-1)?.();
    expect((await third).headers.get('ratelimit')).toMatch(/^"interactive";r=0;/);
  });

  it('are those of an address where nothing says who is calling', async () => {
    const first = [app.ask('/open'), app.ask('/open')];
    await underWay(2);
    expect((await app.ask('/open')).status).toBe(429);
    for (const go of waiting) go();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
  });
});
