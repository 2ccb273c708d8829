import { hash } from 'node:crypto';
import { test } from 'vitest';
import { bearerOf } from './bearer.js';
import { lasting } from './proof.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Run with `npx vitest bench libs/auth`. A token of the usual length that was verified before, in a new header. */
const token = `${'h'.repeat(60)}.${'c'.repeat(240)}.${'s'.repeat(342)}`;
const bytes = Buffer.from(`Bearer ${token}`);
const caller = { subject: 'ada', scopes: [], roles: [] };
const tokens = new VerifiedTokens(10_000);
const facts = { subject: 'ada' };
const until = Number.POSITIVE_INFINITY;
tokens.set(
  VerifiedTokens.digest(token),
  { caller, facts, credential: token, until, ground: lasting, generation: 0 },
  0,
);
const byText = new Map([[token, caller]]);

// Each round makes a new string, as Node's parser does: a string that was looked up before has its hash already.
test('a known token', async ({ bench }) => {
  await bench('the header alone', () => void bytes.toString('latin1')).run();
  await bench('read and found by its digest', () => {
    const read = bearerOf(bytes.toString('latin1'));
    if (read !== undefined) tokens.get(VerifiedTokens.digest(read), 0);
  }).run();
  await bench('read and found by its text', () => {
    const read = bearerOf(bytes.toString('latin1'));
    if (read !== undefined) byText.get(read);
  }).run();
  await bench('digest alone', () => void hash('sha256', token, 'base64')).run();
});
