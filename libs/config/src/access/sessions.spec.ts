import { describe, expect, it } from 'vitest';
import { least, load, mistakesOf } from '../fixtures/policy-files.js';

const main = 'main: { issuer: https://id.test, clientId: shop, clientSecret: s, scopes: [home:read] }';
const policy = (sessions: string, more = ''): string =>
  `${least.replace(/^access:.*$\n?/m, '')}access:\n  sessions: { url: https://shop.test, ${sessions} }\n${more}`;
const sessionsOf = (text: string) => load(policy(text)).access;
const mistakes = (text: string, more = '') =>
  mistakesOf(() => load(policy(text, more))).map((line) => line.replace(/^\S+ +/, ''));
const provider = (more: string): string => `providers: { ${main.replace(' }', `, ${more} }`)} }`;

describe('access.sessions', () => {
  it('is a strategy, with defaults that are strict', () => {
    expect(sessionsOf(`providers: { ${main} }`)).toMatchObject({
      strategies: ['session'],
      sessions: {
        idleMs: 1_800_000,
        lifetimeMs: 43_200_000,
        csrfHeader: 'x-csrf',
        navigation: 'refuse',
        providers: { main: { subjectPrefix: '', idTokenHint: false, clientAuthentication: 'client_secret_basic' } },
      },
    });
  });

  it('keeps the users of several providers apart, unless they share them', () => {
    const other = main.replace('main', 'staff').replace(' }', ', subjectPrefix: off }');
    expect(sessionsOf(`providers: { ${main}, ${other} }`)?.sessions?.providers).toMatchObject({
      main: { subjectPrefix: 'main:' },
      staff: { subjectPrefix: '' },
    });
  });

  it.each<readonly [text: string, message: string]>([
    ['providers: {}', 'there is no provider; add one: main: { issuer, clientId, clientSecret, scopes }'],
    [
      `providers: { ${main.replace('clientSecret: s, ', '')} }`,
      'this app cannot prove itself there; add clientSecret or privateKey',
    ],
    [provider('privateKey: k.pem'), 'there is a clientSecret too; keep one of the two'],
    [provider('parameters: { state: x }'), 'the login writes "state" itself; take it out'],
    [
      `providers: { ${main.replace('https://id', 'http://id')} }`,
      'tokens and the secret of this app go there; write https: (http: is for this machine only)',
    ],
    [`idle: 13h, providers: { ${main} }`, 'idle (13h) is longer than lifetime (12h), which ends the session before'],
    [`csrfHeader: Origin, providers: { ${main} }`, 'browsers send "origin" to other origins too; write x-csrf'],
    [
      `keys: [short], providers: { ${main} }`,
      'a key has 32 characters or more; make one with "openssl rand -base64 32"',
    ],
    [`afterLogout: //evil.test, providers: { ${main} }`, 'expected a path such as /bye, found "//evil.test"'],
  ])('is refused: %s', (text, message) => {
    expect(mistakes(text)).toEqual([message]);
  });

  it('needs keys that all processes know, where it shares sessions', () => {
    const redis = 'redis: { url: redis://localhost }\n';
    expect(mistakes(`providers: { ${main} }`, redis)).toEqual([
      'sessions in redis need keys that all processes know; add keys: ["${SESSION_KEY}"] with the output of "openssl rand -base64 32", or keysFile',
    ]);
    expect(() => load(policy(`keysFile: keys, providers: { ${main} }`, redis))).not.toThrow();
  });

  it('is refused over plain HTTP, except on this machine', () => {
    const text = policy(`providers: { ${main} }`);
    const at = (url: string) => () => load(text.replace('https://shop.test', url));
    expect(mistakesOf(at('http://shop.test')).join()).toContain('cookies of sessions need TLS; write https:');
    expect(at('http://localhost:4002')).not.toThrow();
  });
});
