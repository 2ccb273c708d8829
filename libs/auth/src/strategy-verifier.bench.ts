import { RequestContext } from '@frontage/context';
import { test } from 'vitest';
import { Issuer, signingKey, tokenOf } from './fixtures/issuer.js';
import { verifierFor } from './fixtures/verifier.js';

/** Run with `npx vitest bench libs/auth`. The whole way of a token that was verified before, from the header to the caller. */
test('the caller of a known token', async ({ bench }) => {
  const key = await signingKey('k-1', 'ES256');
  const issuer = await Issuer.start(key);
  const verifier = verifierFor(issuer);
  const token = await tokenOf(key);
  await verifier.verify(token);
  const bytes = Buffer.from(`Bearer ${token}`);
  const headers = { authorization: '' };
  const context = new RequestContext('r-1', 0, 'GET', '192.0.2.1', headers);
  await bench('found again', () => {
    headers.authorization = bytes.toString('latin1');
    void verifier.identify({ headers }, context);
  }).run();
  await issuer.stop();
});
