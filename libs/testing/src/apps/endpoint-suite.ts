import { describe, expect, it } from 'vitest';
import type { AppRequest, AppUnderTest } from './app-under-test.js';

/** One endpoint of an app, and a request that succeeds. */
export interface EndpointCase extends Omit<AppRequest, 'token'> {
  /** Method and template: `GET /orders/:id` */
  readonly route: string;
  /** @default the template */
  readonly path?: string;
  readonly scope: string;
  /** @default ada */
  readonly user?: string;
  /** @default 200 */
  readonly status?: number;
}

/**
 * Tests for every endpoint of an app: it is in this table, it admits exactly the callers of its access rule (RELIABILITY A9), and its
 * response is as its document says.
 */
export function endpointSuite(app: () => AppUnderTest, cases: readonly EndpointCase[]): void {
  const target = ({ route, path }: EndpointCase): string =>
    path === undefined ? route : `${route.slice(0, route.indexOf(' '))} ${path}`;
  const scopes = new Set(cases.map(({ scope }) => scope));

  it('has a test for each of its endpoints', () => {
    const routes = app().description.endpoints.map(({ method, path }) => `${method} ${path}`);
    expect(cases.map(({ route }) => route).toSorted()).toEqual(routes.toSorted());
  });

  describe.each(cases)('$route', (one) => {
    const { scope, user = 'ada', status = 200 } = one;
    const refusals: readonly (readonly [string, number, () => Promise<string | undefined>])[] = [
      ['no token', 401, () => Promise.resolve(undefined)],
      ['a token that has expired', 401, () => app().world.token({ user, scopes: [scope], expiresInSeconds: -60 })],
      ['a token for another app', 401, () => app().world.token({ user, scopes: [scope], audience: 'other-bff' })],
      ['a token without scopes', 403, () => app().token(user)],
      [
        'a token with every scope but its own',
        403,
        () => app().token(user, ...[...scopes].filter((other) => other !== scope)),
      ],
      [
        'a token with a role of the same name',
        403,
        () => app().world.token({ user, roles: [scope], audience: `${app().description.bff}-bff` }),
      ],
    ];

    it.each(refusals)('refuses %s with %i', async (_, refusal, token) => {
      const response = await app().ask(target(one), { ...one, token: await token() });
      expect(response.status).toBe(refusal);
      expect(app().responses.violations(one.route, refusal, response.body)).toEqual([]);
    });

    it(`responds with ${status} as its document says`, async () => {
      const response = await app().ask(target(one), { ...one, token: await app().token(user, scope) });
      expect(response).toMatchObject({ status });
      expect(response.body).not.toHaveProperty('_parts');
      expect(app().responses.violations(one.route, status, response.body)).toEqual([]);
    });
  });
}
