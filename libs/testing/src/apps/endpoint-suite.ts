import { describe, expect, it } from 'vitest';
import type { AppRequest, AppUnderTest } from './app-under-test.js';

/** One endpoint of an app, and a request that succeeds. */
export type EndpointCase = ProtectedEndpoint | PublicEndpoint;

interface ProtectedEndpoint extends EndpointRequest {
  readonly scope: string;
  readonly public?: never;
  /** @default ada */
  readonly user?: string;
}

/** An endpoint with `@Public()`: it is requested without a token. */
interface PublicEndpoint extends EndpointRequest {
  readonly public: true;
  readonly scope?: never;
  readonly user?: never;
}

interface EndpointRequest extends Omit<AppRequest, 'token'> {
  /** Method and template: `GET /orders/:id` */
  readonly route: string;
  /** @default the template */
  readonly path?: string;
  /** @default 200 */
  readonly status?: number;
}

/**
 * Tests for every endpoint of an app: it is in this table, it admits exactly the callers of its access rule (RELIABILITY A9), and its
 * response is as its document says. A public one admits callers without a token, and is public by its own declaration.
 *
 * @example
 * endpointSuite(() => app, [{ route: 'GET /home', scope: 'home:read' }, { route: 'GET /status', public: true }]);
 */
export function endpointSuite(app: () => AppUnderTest, cases: readonly EndpointCase[]): void {
  const target = ({ route, path }: EndpointCase): string =>
    path === undefined ? route : `${route.slice(0, route.indexOf(' '))} ${path}`;
  const closed = cases.filter((one): one is ProtectedEndpoint => one.public !== true);
  const open = cases.filter((one): one is PublicEndpoint => one.public === true);
  const scopes = new Set(closed.map(({ scope }) => scope));

  it('has a test for each of its endpoints', () => {
    const routes = app().description.endpoints.map(({ method, path }) => `${method} ${path}`);
    expect(cases.map(({ route }) => route).toSorted()).toEqual(routes.toSorted());
  });

  it('has as public endpoints exactly those of this table', () => {
    const declared = app().description.endpoints.filter(({ access }) => access === 'public');
    expect(declared.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
      open.map(({ route }) => route).toSorted(),
    );
  });

  describe.each(open)('$route, which is public', (one) => {
    const { status = 200 } = one;

    it.each([
      ['no token', {}],
      ['a token that is none', { authorization: 'Bearer none' }],
    ])(`responds with ${status} as its document says to a request with %s`, async (_, headers) => {
      const response = await app().ask(target(one), { ...one, headers: { ...one.headers, ...headers } });
      expect(response).toMatchObject({ status });
      expect(response.body).not.toHaveProperty('_parts');
      expect(app().responses.violations(one.route, status, response.body)).toEqual([]);
    });
  });

  describe.each(closed)('$route', (one) => {
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
