import { hash, randomUUID } from 'node:crypto';
import { systemClock } from '@frontage/core';
import { test } from 'vitest';
import { signingKey } from '../fixtures/issuer.js';
import { proofOf, thumbprintOf } from '../fixtures/proof.js';
import { ProofsOfKeys } from './proof-of-key.js';

/** Run with `npx vitest bench libs/auth/src/dpop`. A proof of the key of a token, which each request has anew. */
test('the proof of a request', async ({ bench }) => {
  const url = 'https://shop.example';
  const fresh = (): ProofsOfKeys => new ProofsOfKeys({ url, maxAgeMs: 300_000, maxProofs: 1_000_000 }, systemClock);
  const key = await signingKey('k', 'ES256');
  const thumbprint = await thumbprintOf(key);
  const token = 't'.repeat(800);
  const iat = Math.floor(systemClock.wallTime() / 1000);
  const claims = { htm: 'GET', htu: `${url}/home`, ath: hash('sha256', token, 'base64url'), iat };
  const made = await Promise.all(Array.from({ length: 1_000 }, () => proofOf(key, { ...claims, jti: randomUUID() })));
  let proofs = fresh();
  let at = 0;
  await bench('verified and taken', async () => {
    if (at === made.length) [proofs, at] = [fresh(), 0];
    await proofs.take({ method: 'GET', url: '/home', headers: { dpop: made[at++] } }, token, thumbprint);
  }).run();
});
