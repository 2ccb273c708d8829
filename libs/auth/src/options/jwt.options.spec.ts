import { describe, expect, it } from 'vitest';
import { jwtSettings, type JwtOptions } from './jwt.options.js';

const good: JwtOptions = {
  issuer: 'https://id.test',
  audience: 'bff',
  jwks: 'https://id.test/jwks.json',
  algorithms: ['RS256'],
};

describe('options for JWTs', () => {
  it.each<[Partial<JwtOptions>, string]>([
    [{ issuer: '' }, 'jwt.issuer: is empty'],
    [{ audience: [] }, 'jwt.audience: is empty'],
    [{ audience: [''] }, 'jwt.audience: is empty'],
    [{ algorithms: [] }, 'jwt.algorithms: is empty'],
    [{ algorithms: ['none'] }, 'jwt.algorithms: found "none"'],
    [{ algorithms: ['RS256', 'HS256'] }, 'jwt.algorithms: found "HS256"'],
    [{ jwks: '/jwks.json' }, 'is not an absolute URL'],
    [{ jwks: 'http://id.test/jwks.json' }, 'write an https: address'],
    [{ jwks: 'http://127.0.0.1.evil.test/jwks.json' }, 'write an https: address'],
    [{ jwks: 'file:///etc/passwd' }, 'write an https: address'],
    [{ jwks: 'file:///etc/passwd', allowHttp: true }, 'write an https: address'],
    [{ jwks: 'https://user:secret@id.test/jwks.json' }, 'keys are public'],
    [{ clockSkewMs: 60_001 }, 'jwt.clockSkewMs: found 60001; write a whole number from 0 to 60000'],
    [{ cacheMs: 120_000 }, 'jwt.cacheMs: found 120000'],
    [{ jwksCooldownMs: 0 }, 'jwt.jwksCooldownMs: found 0'],
    [{ types: [] }, 'jwt.types: is empty'],
    [{ rolesClaim: [] }, 'jwt.rolesClaim: is empty'],
    [{ rolesClaim: ['roles', 'a..b'] }, 'jwt.rolesClaim: the claim "a..b" has an empty name'],
    [{ audienceClaim: '' }, 'jwt.audienceClaim: the claim "" has an empty name'],
    [{ requiredClaims: ['x'.repeat(300)] }, 'a path has at most 256 characters'],
    [{ maxCachedTokens: 1.5 }, 'jwt.maxCachedTokens: found 1.5'],
  ])('%j are refused at the start: %s', (wrong, message) => {
    expect(() => jwtSettings({ ...good, ...wrong })).toThrow(message);
  });

  it.each(['http://localhost:4100/jwks.json', 'http://127.0.0.1:4100/jwks.json', 'http://[::1]:4100/jwks.json'])(
    'may fetch keys without encryption from this machine: %s',
    (jwks) => {
      expect(jwtSettings({ ...good, jwks }).jwksUrl.href).toBe(jwks);
    },
  );

  it('allow keys over http from another machine with allowHttp', () => {
    expect(jwtSettings({ ...good, jwks: 'http://sandbox:4100/jwks.json', allowHttp: true }).jwksUrl.host).toBe(
      'sandbox:4100',
    );
  });
});
