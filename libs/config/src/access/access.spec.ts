import { describe, expect, it } from 'vitest';
import { loadConfig } from '../load-config.js';
import { least, load, mistakesOf, policyFiles } from '../fixtures/policy-files.js';

const one = 'issuer: https://one.test, audience: bff, jwks: https://one.test/jwks.json';
const two = 'issuer: https://two.test, audience: bff, jwks: https://two.test/jwks.json';
const accessOf = (text: string) => load(`${least.replace(/^access:.*$\n?/m, '')}access:\n${text}`).access;
const mistakes = (text: string) =>
  mistakesOf(() => load(`${least.replace(/^access:.*$\n?/m, '')}access:\n${text}`)).map((line) =>
    line.replace(/^\S+ +/, ''),
  );

describe('several issuers', () => {
  it('each have the keys of access.jwt that they do not state', () => {
    const access = accessOf(`  jwt: { algorithms: [ES256], rolesClaim: groups }
  issuers:
    staff: { ${one} }
    partners: { ${two}, algorithms: [EdDSA, PS256], subjectPrefix: 'p/' }
`);
    expect(access?.jwt).toBeUndefined();
    expect(access?.strategies).toEqual(['jwt']);
    expect(access?.issuers['staff']).toMatchObject({
      issuer: 'https://one.test',
      algorithms: ['ES256'],
      rolesClaim: ['groups'],
      subjectPrefix: 'staff:',
    });
    expect(access?.issuers['partners']).toMatchObject({ algorithms: ['EdDSA', 'PS256'], subjectPrefix: 'p/' });
  });

  it('stand beside one in access.jwt, which they do not take the issuer from', () => {
    const access = accessOf(
      `  jwt: { ${one}, subjectPrefix: 'one:' }\n  issuers: { partners: { ${two}, subjectPrefix: off } }\n`,
    );
    expect(access?.jwt).toMatchObject({ issuer: 'https://one.test', subjectPrefix: 'one:' });
    expect(access?.issuers['partners']).toMatchObject({ issuer: 'https://two.test', subjectPrefix: '' });
  });

  it('cannot lack a key, be the same, or change a locked key', () => {
    expect(mistakes(`  issuers: { partners: { issuer: https://two.test } }\n`)).toEqual([
      'missing key "audience" in access.issuers.partners',
      'missing key "jwks" in access.issuers.partners',
    ]);
    expect(mistakes(`  jwt: { ${one} }\n  issuers: { partners: { ${one} } }\n`)).toEqual([
      'access.jwt is for the same issuer; write all its audiences as one list there',
    ]);
    const file = policyFiles({
      'bff.yaml': `bff: a\nextends: base.yaml\nlisten: { port: 0 }\naccess: { issuers: { b: { ${one}, algorithms: [ES256] } } }\n`,
      'base.yaml': 'locked: [access.jwt.algorithms]\naccess: { jwt: { algorithms: [RS256] } }\n',
    });
    expect(mistakesOf(() => loadConfig(file, { env: {} })).join()).toContain(
      '"access.issuers.b.algorithms" cannot be changed here',
    );
  });
});

describe('tokens that are bound to a key', () => {
  const dpop = 'dpop: { url: https://shop.test }';

  it('need the address of the app, and an issuer that has them', () => {
    expect(accessOf(`  ${dpop}\n  jwt: { ${one}, dpop: required }\n`)).toMatchObject({
      dpop: { url: 'https://shop.test', maxAgeMs: 60_000, maxProofs: 100_000 },
      jwt: { dpop: 'required' },
    });
    expect(mistakes(`  jwt: { ${one}, dpop: accepted }\n  issuers: { b: { ${two}, dpop: off } }\n`)[0]).toContain(
      'off',
    );
    expect(mistakes(`  jwt: { ${one}, dpop: accepted }\n`)).toEqual([
      'proofs name the address of this app, which is not known; add access.dpop: { url: https://... }',
    ]);
    expect(mistakes(`  ${dpop}\n  jwt: { ${one} }\n`)).toEqual([
      'no issuer has tokens that are bound to a key; add dpop: accepted to one, or remove it',
    ]);
    expect(mistakes(`  dpop: { url: http://shop.test }\n  jwt: { ${one}, dpop: accepted }\n`)).toEqual([
      'tokens come over it; write https: (http: is for this machine only)',
    ]);
    expect(mistakes(`  ${dpop}\n  tokenHeaders: [x-token]\n  jwt: { ${one}, dpop: accepted }\n`)).toEqual([
      'tokens with a proof stand in "authorization", which tokenHeaders does not have',
    ]);
  });

  it('have one rule for several issuers, which one of them may change', () => {
    const access = accessOf(
      `  ${dpop}\n  jwt: { dpop: required }\n  issuers: { a: { ${one} }, b: { ${two}, dpop: accepted } }\n`,
    );
    expect([access?.issuers['a']?.dpop, access?.issuers['b']?.dpop]).toEqual(['required', 'accepted']);
  });
});

describe('the strategies', () => {
  it('are those that have a block', () => {
    expect(accessOf(`  jwt: { ${one} }\n`)?.strategies).toEqual(['jwt']);
    expect(accessOf(`  strategies: [jwt, ldap]\n  jwt: { ${one} }\n`)?.strategies).toEqual(['jwt', 'ldap']);
    expect(accessOf('  strategies: ldap\n')).toMatchObject({ strategies: ['ldap'], issuers: {} });
  });

  it.each([
    [
      '  strategies: [ldap]\n  jwt: { ' + one + ' }\n',
      '"jwt" is not in access.strategies, so it has no effect; add it there',
    ],
    ['  strategies: [jwt]\n', '"jwt" has no block here; add access.jwt'],
    ['  strategies: [ldap, ldap]\n', 'a strategy stands twice in this list'],
    [
      '  tokenHeaders: authorization\n',
      'no caller can be identified; add jwt: { issuer, audience, jwks }, or write access: off if this app takes no credentials',
    ],
    [
      '  jwt: off\n',
      'no caller can be identified; add jwt: { issuer, audience, jwks }, or write access: off if this app takes no credentials',
    ],
  ])('are refused: %j', (text, message) => {
    expect(mistakes(text)).toEqual([message]);
  });
});
