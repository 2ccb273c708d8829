import { hash } from 'node:crypto';
import { ManualClock } from '@frontage/testing/manual-clock';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, it } from 'vitest';
import { proofIn } from '../../../auth/src/fixtures/proof.js';
import { cryptoKeys, isPrivateJwk, newPrivateJwk, Nonces, SessionKey } from './session-key.js';

describe('the key of a session', () => {
  it('proves itself for one request: its method, its address and the token', async () => {
    const [jwk, clock, nonces] = [await newPrivateJwk(), new ManualClock(1_700_000_000_000), new Nonces()];
    const key = new SessionKey(jwk, nonces, clock);
    key.takeNonce('https://users.example:8443', 'n-1');
    const url = 'https://users.example:8443/users/a%2Fb?x=1#y';
    const { thumbprint, claims } = await proofIn(key.proofFor('GET', url, 'token'));
    const { d: _secret, ...open } = jwk;
    expect(thumbprint).toBe(await calculateJwkThumbprint({ ...open }));
    const { jti, ...rest } = claims;
    expect(rest).toEqual({
      htm: 'GET',
      htu: 'https://users.example:8443/users/a%2Fb',
      iat: 1_700_000_000,
      ath: hash('sha256', 'token', 'base64url'),
      nonce: 'n-1',
    });
    const other = await proofIn(key.proofFor('GET', 'https://other.example/', 'token'));
    expect([other.claims['nonce'], other.claims['jti'] === jti]).toEqual([undefined, false]);
  });

  it('never has its secret part in a proof, nor in the public key', async () => {
    const jwk = await newPrivateJwk();
    const proof = new SessionKey(jwk, new Nonces(), new ManualClock()).proofFor('GET', 'https://a.example/', 't');
    expect(Buffer.from(proof.split('.')[0] ?? '', 'base64url').toString()).not.toContain(jwk.d);
    const { privateKey, publicKey } = await cryptoKeys(jwk);
    expect([privateKey.extractable, publicKey.type]).toEqual([false, 'public']);
  });

  it('is read from a record as it was written, and in no other form', async () => {
    const jwk = await newPrivateJwk();
    expect(isPrivateJwk(JSON.parse(JSON.stringify(jwk)))).toBe(true);
    for (const odd of [null, 'key', { ...jwk, d: undefined }, { ...jwk, crv: 'P-384' }, { ...jwk, x: 'short' }])
      expect(isPrivateJwk(odd)).toBe(false);
  });
});

describe('nonces', () => {
  it('are the last of each server, well formed, and bounded', () => {
    const nonces = new Nonces();
    nonces.take('https://a.example', 'one');
    for (const odd of ['', 'a b', 'a"b', 'x'.repeat(257), 'ä']) nonces.take('https://a.example', odd);
    expect(nonces.of('https://a.example')).toBe('one');
    for (let index = 0; index < 1_500; index++) nonces.take(`https://${index}.example`, 'n');
    expect([nonces.of('https://a.example'), nonces.of('https://1499.example')]).toEqual([undefined, 'n']);
  });
});
