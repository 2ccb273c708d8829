import { Controller, Get, Post } from '@nestjs/common';
import { optional, orNull, pick, plan, required, screen, write } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';
import { addItem, getItem } from '../fixtures/shop.js';
import { Screen } from './screen.decorator.js';

const args = { path: { id: 'i-1' } };
const access = { scope: 'offers:read' };
const partial = screen(
  plan('access.partial', { deadlineMs: 5_000 }, () => ({
    item: required(getItem, args),
    offer: optional(getItem, { path: { id: 'offer' } }, { access }),
  })),
  ({ item, offer }) => ({ item: pick(item, 'name'), offer: orNull(pick(offer, 'name')) }),
);
const whole = screen(
  plan('access.whole', { deadlineMs: 5_000 }, () => ({
    made: write(addItem, { body: { name: 'x' } }),
    offer: required(getItem, { path: { id: 'offer' } }, { access: { ...access, acr: 'mfa' } }),
  })),
  ({ offer }) => pick(offer, 'name'),
);

@Access()
@Controller()
class Offers {
  @Get('partial')
  @Screen(partial)
  partial() {
    return {};
  }
  @Post('whole')
  @Screen(whole)
  whole() {
    return {};
  }
}

@Public()
@Controller()
class Open {
  @Get('open')
  @Screen(partial)
  open() {
    return {};
  }
}

describe('access of a call, over HTTP', () => {
  it('leaves the page, and names what this caller may not see', async () => {
    const app = await GatewayUnderTest.start({ controllers: [Offers], policy: takesTokens });
    onTestFinished(() => app.stop());
    const all = await app.ask('/partial', { token: await app.token('ada', 'offers:read') });
    expect([all.status, await all.json()]).toEqual([200, { item: { name: 'Lamp' }, offer: { name: 'Lamp' } }]);
    app.shop.requests.length = 0;
    const some = await app.ask('/partial', { token: await app.token('bob') });
    expect([some.status, await some.json()]).toEqual([
      200,
      { item: { name: 'Lamp' }, offer: null, _parts: { offer: { status: 'forbidden', source: 'none' } } },
    ]);
    expect(app.shop.requests.map(({ target }) => target)).toEqual(['/items/i-1']);
    expect(some.headers.get('cache-control')).toBe('no-store');
  });

  it('refuses what the page needs before a change is made, with the challenge of what is missing', async () => {
    const app = await GatewayUnderTest.start({ controllers: [Offers], policy: takesTokens });
    onTestFinished(() => app.stop());
    const without = await app.ask('/whole', { method: 'POST', token: await app.token('bob') });
    expect([without.status, without.headers.get('www-authenticate'), await without.json()]).toEqual([
      403,
      'Bearer error="insufficient_scope", scope="offers:read"',
      expect.objectContaining({ code: 'GW_FORBIDDEN', part: 'offer' }),
    ]);
    const weak = await app.ask('/whole', { method: 'POST', token: await app.token('ada', 'offers:read') });
    expect([weak.status, weak.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="insufficient_user_authentication", acr_values="mfa"',
    ]);
    expect(app.shop.requests).toEqual([]);
  });

  it('is in the document and in the description of the app', async () => {
    const app = await GatewayUnderTest.start({ controllers: [Offers], policy: takesTokens });
    onTestFinished(() => app.stop());
    const page = async (path: string): Promise<unknown> => (await fetch(app.adminUrl + path)).json();
    expect(await page('/openapi.json')).toMatchObject({
      paths: { '/whole': { post: { responses: { 401: expect.anything(), 403: expect.anything() } } } },
    });
    expect(await page('/describe')).toMatchObject({
      endpoints: [{ screen: { parts: { offer: { access: { allScopes: ['offers:read'] } } } } }, {}],
    });
  });

  it('stops the start of a public route, which has no caller', async () => {
    await expect(GatewayUnderTest.start({ controllers: [Open], policy: takesTokens })).rejects.toThrow(
      /Open\.open \(GET \/open\) is public .* getItem of its plan 'access\.partial' has access at .*call-access\.spec\.ts/,
    );
  });
});
