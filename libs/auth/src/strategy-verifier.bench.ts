import { RequestContext } from '@frontage/context';
import { test } from 'vitest';
import { Issuer, signingKey, tokenOf } from './fixtures/issuer.js';
import { verifierFor } from './fixtures/verifier.js';

/**
 * Run with `npx vitest bench libs/auth`. The whole way of a token that was verified before, from the header to the caller: by the header
 * that was seen before, and by the digest of the token, as a field that is too long for the former is found.
 */
test('the caller of a known token', async ({ bench }) => {
  const key = await signingKey('k-1', 'ES256');
  const issuer = await Issuer.start(key);
  const verifier = verifierFor(issuer);
  const claims = { more: 'x'.repeat(300) };
  const long = { more: 'x'.repeat(2_000) };
  const headers = { authorization: '' };
  const context = new RequestContext('r-1', 0, 'GET', '192.0.2.1', headers);
  const again = async (of: object) => {
    const token = await tokenOf(key, { ...of });
    await verifier.verify(token);
    const bytes = Buffer.from(`Bearer ${token}`);
    return (): void => {
      headers.authorization = bytes.toString('latin1');
      void verifier.identify({ headers }, context);
    };
  };
  await bench('found again', await again(claims)).run();
  await bench('found again by the digest of a long token', await again(long)).run();
  await issuer.stop();
});
