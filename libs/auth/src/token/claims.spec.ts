import fc from 'fast-check';
import type { Caller } from '@frontage/context';
import { beforeAll, describe, expect, it } from 'vitest';
import { forgedToken, Issuer, signingKey, tokenOf, type Claims, type SigningKey } from '../fixtures/issuer.js';
import { createSigner, refused, seconds, verdictOf, verifierFor } from '../fixtures/verifier.js';
import type { JwtOptions } from '../options/jwt.options.js';
import type { StrategyVerifier } from '../strategy-verifier.js';

let rsa: SigningKey;
let issuer: Issuer;

beforeAll(async () => {
  rsa = await signingKey('rsa-1');
  issuer = await Issuer.start(rsa);
  return () => issuer.stop();
});

const verifierOf = (options?: Partial<JwtOptions>): StrategyVerifier => verifierFor(issuer, options);
const verdict = (token: string, verifier = verifierOf()): Promise<Caller | string> => verdictOf(token, verifier);

describe('A4: the claims', () => {
  const now = seconds();
  it.each<[string, Claims]>([
    ['no issuer', { iss: undefined }],
    ['another issuer', { iss: 'https://id.example.test/' }],
    ['a list of issuers', { iss: ['https://id.example.test'] }],
    ['no audience', { aud: undefined }],
    ['the audience of another BFF', { aud: 'web-bff' }],
    ['the audiences of others', { aud: ['web-bff', 'partner-bff'] }],
    ['an audience that only begins alike', { aud: 'mobile-bff-2' }],
    ['an audience that is an object', { aud: { 0: 'mobile-bff' } }],
    ['no expiry', { exp: undefined }],
    ['an expiry in words', { exp: String(now + 60) }],
    ['an expiry that has passed', { exp: now - 60 }],
    ['an expiry beyond any calendar', { exp: 1e300 }],
    ['an expiry before all time', { exp: -1 }],
    ['an expiry of null', { exp: null }],
    ['a start in the future', { nbf: now + 60 }],
    ['a start in words', { nbf: String(now) }],
    ['an issue in the future', { iat: now + 60 }],
    ['an issue in words', { iat: String(now) }],
    ['an issue before 1970', { iat: -1 }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is a number', { sub: 7 }],
    ['a key that has to be proven', { cnf: { jkt: 'thumbprint' } }],
  ])('with %s are refused', async (_what, claims) => {
    const signer = createSigner();
    const mine = await Issuer.start();
    mine.keys = [signer.jwk];
    const verifier = verifierOf({ jwks: mine.jwks });
    const good: Claims = { iss: mine.issuer, aud: 'mobile-bff', sub: 'ada', iat: now, exp: now + 300 };
    const header = { alg: 'RS256', typ: 'at+jwt', kid: 'made' };
    await expect(verdict(forgedToken(header, good, signer.sign), verifier)).resolves.toMatchObject({ subject: 'ada' });
    await expect(verdict(forgedToken(header, { ...good, ...claims }, signer.sign), verifier)).resolves.toBe(refused);
    await mine.stop();
  });

  it.each<[string, Claims, Record<string, unknown>]>([
    ['an ID token', { nonce: 'n-1' }, { typ: 'JWT' }],
    ['an ID token of the code flow', { at_hash: 'x' }, { typ: 'JWT' }],
    ['an ID token of Cognito', { token_use: 'id' }, { typ: 'JWT' }],
    ['an ID token of Keycloak', { typ: 'ID' }, { typ: 'JWT' }],
    ['a refresh token of Keycloak', { typ: 'Refresh' }, { typ: 'JWT' }],
    ['a logout token', {}, { typ: 'logout+jwt' }],
    ['a token without a type', {}, { typ: undefined }],
  ])('of %s are refused, because it is no access token', async (_what, claims, header) => {
    await expect(verdict(await tokenOf(rsa, claims, header))).resolves.toBe(refused);
  });

  it.each<[string, Claims, Record<string, unknown>]>([
    ['RFC 9068', { nonce: 'n-1' }, { typ: 'application/AT+JWT' }],
    ['plain JWT', {}, { typ: 'jwt' }],
    ['Keycloak', { typ: 'Bearer', nonce: 'n-1' }, { typ: 'JWT' }],
    ['Cognito', { token_use: 'access' }, { typ: 'JWT' }],
  ])('of an access token in the style of %s are accepted', async (_what, claims, header) => {
    await expect(verdict(await tokenOf(rsa, claims, header))).resolves.toMatchObject({ subject: 'ada' });
  });

  it('may have no type if the options allow it', async () => {
    await expect(
      verdict(await tokenOf(rsa, {}, { typ: undefined }), verifierOf({ types: [''] })),
    ).resolves.toMatchObject({ subject: 'ada' });
  });

  it.each<[string, Partial<JwtOptions>, Claims]>([
    ['one audience of a list', { audience: ['web-bff', 'mobile-bff'] }, {}],
    [
      'no audience, the client elsewhere',
      { audience: 'app-1', audienceClaim: 'azp' },
      { aud: undefined, azp: 'app-1' },
    ],
    ['an empty audience', { audience: 'app-1', audienceClaim: 'client_id' }, { aud: [], client_id: 'app-1' }],
    ['an audience in a list elsewhere', { audienceClaim: 'ext.for' }, { aud: undefined, ext: { for: ['mobile-bff'] } }],
    ['all claims that are required', { requiredClaims: ['sid', 'org.id'] }, { sid: 's', org: { id: 'o' } }],
  ])('with %s are accepted if policy allows it', async (_what, options, claims) => {
    await expect(verdict(await tokenOf(rsa, claims), verifierOf(options))).resolves.toMatchObject({ subject: 'ada' });
  });

  it.each<[string, Partial<JwtOptions>, Claims, Record<string, unknown>?]>([
    ['an empty audience', {}, { aud: [] }],
    ['audiences that are no texts', {}, { aud: [['mobile-bff'], { 0: 'mobile-bff' }, 7] }],
    ['the audience of none of the list', { audience: ['web-bff', 'tv-bff'] }, {}],
    ['another client', { audience: 'app-1', audienceClaim: 'azp' }, { azp: 'app-2', aud: 'app-1' }],
    ['no client', { audience: 'app-1', audienceClaim: 'azp' }, { aud: 'app-1' }],
    ['a required claim missing', { requiredClaims: ['sid'] }, {}],
    ['a required claim empty', { requiredClaims: ['sid'] }, { sid: '' }],
    ['a required claim of null', { requiredClaims: ['sid'] }, { sid: null }],
    ['no mark and no scopes', {}, { scope: undefined }, { typ: 'JWT' }],
    ['no mark and scopes elsewhere than policy says', { scopeClaim: 'scp' }, {}, { typ: 'JWT' }],
    ['an empty type', { types: ['none', 'JWT'] }, {}, { typ: '' }],
    ['a type that is no text', { types: ['none', 'JWT'] }, {}, { typ: ['JWT'] }],
    ['the type "none" in words', { types: ['none'] }, {}, { typ: 'none' }],
    ['events, as logout tokens have them', {}, { events: {} }, { typ: 'JWT' }],
  ])('with %s are refused', async (_what, options, claims, header = {}) => {
    await expect(verdict(await tokenOf(rsa, claims, header), verifierOf(options))).resolves.toBe(refused);
  });

  it.each<[Partial<JwtOptions>, Claims, Partial<Caller>]>([
    [{}, { scope: 'a  b', scp: ['b', 'c'] }, { scopes: ['a', 'b', 'c'] }],
    [{}, { scope: ['a', 7, null, ''] }, { scopes: ['a'] }],
    [{}, { scope: { a: true } }, { scopes: [] }],
    [{ scopeClaim: 'scp' }, { scope: 'admin', scp: 'a b' }, { scopes: ['a', 'b'] }],
    [{}, { roles: 'not admin' }, { roles: ['not admin'] }],
    [{}, { roles: { admin: true } }, { roles: [] }],
    [
      { rolesClaim: ['realm_access.roles', 'resource_access.shop.web.roles', 'https://acme.example/roles'] },
      {
        realm_access: { roles: ['a'] },
        resource_access: { 'shop.web': { roles: ['b', 'a'] } },
        'https://acme.example/roles': 'c',
      },
      { roles: ['a', 'b', 'c'] },
    ],
    [{ tenantClaim: 'o.id' }, { o: { id: 'org' }, tenant: 'x' }, { tenant: 'org' }],
    [{}, { azp: undefined, client_id: undefined, cid: 'okta' }, { app: 'okta' }],
  ])('with %j read %j as %j', async (options, claims, caller) => {
    await expect(verdict(await tokenOf(rsa, claims), verifierOf(options))).resolves.toMatchObject(caller);
  });

  const plan = { plan: { kind: 'text', required: true }, seats: { kind: 'number', claim: 'org.seats' } } as const;
  it.each<[Claims, Caller['claims']]>([
    [{ plan: 'gold' }, { plan: 'gold' }],
    [
      { plan: 'gold', org: { seats: 3 }, secret: 's' },
      { plan: 'gold', seats: 3 },
    ],
    // An optional claim of another kind counts as missing.
    [{ plan: 'gold', org: { seats: '3' } }, { plan: 'gold' }],
  ])('with %j give the caller the named ones alone: %j', async (claims, seen) => {
    const caller = await verdict(await tokenOf(rsa, claims), verifierOf({ claims: plan }));
    expect(caller).toMatchObject({ subject: 'ada', claims: seen });
    expect(Object.keys((caller as Caller).claims ?? {})).toEqual(Object.keys(seen ?? {}));
    expect(Object.isFrozen((caller as Caller).claims)).toBe(true);
  });

  it.each<Claims>([{}, { plan: '' }, { plan: 7 }, { plan: null }, { plan: ['gold'] }, { plan: { is: 'gold' } }])(
    'with %j are refused where the policy requires one of another kind',
    async (claims) => {
      await expect(verdict(await tokenOf(rsa, claims), verifierOf({ claims: plan }))).resolves.toBe(refused);
    },
  );

  it('have lists and flags too', async () => {
    const claims = { teams: { kind: 'texts' }, beta: { kind: 'flag' }, odd: { kind: 'texts' } } as const;
    const token = await tokenOf(rsa, { teams: 'a', beta: false, odd: ['a', 1] });
    await expect(verdict(token, verifierOf({ claims }))).resolves.toMatchObject({
      claims: { teams: ['a'], beta: false },
    });
    expect(() => verifierOf({ claims: { bad: { kind: 'text', claim: 'a..b' } } })).toThrow('jwt.claims.bad');
  });

  it('are refused when older than policy allows, or of unknown age', async () => {
    const verifier = verifierOf({ maxTokenAgeMs: 60_000 });
    await expect(verdict(await tokenOf(rsa, { iat: now - 30 }), verifier)).resolves.toMatchObject({ subject: 'ada' });
    await expect(verdict(await tokenOf(rsa, { iat: now - 120 }), verifier)).resolves.toBe(refused);
    await expect(verdict(await tokenOf(rsa, { iat: undefined }), verifier)).resolves.toBe(refused);
  });

  it('are refused for any JSON in header and claims, and never crash the process', async () => {
    const signer = createSigner();
    const mine = await Issuer.start();
    mine.keys = [signer.jwk];
    const verifier = verifierOf({ jwks: mine.jwks });
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.json(), async (header, claims) => {
        expect(await verdict(forgedToken(header, claims, signer.sign), verifier)).toBe(refused);
        expect(
          await verdict(forgedToken({ alg: 'RS256', typ: 'JWT', kid: 'made' }, claims, signer.sign), verifier),
        ).toBe(refused);
      }),
      { numRuns: 100 },
    );
    await mine.stop();
  });
});
