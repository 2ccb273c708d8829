import { createHmac } from 'node:crypto';
import { forgedToken } from '../../../libs/auth/src/fixtures/issuer.js';
import { ask, bearer, jsonType } from '../client.js';
import type { Random } from '../random.js';
import { audience, userToken, type SoakWorld } from '../world.js';
import { misfit, type Attack } from './attack.js';

const claims = (world: SoakWorld): Readonly<Record<string, unknown>> => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: world.issuer.issuer, aud: audience, sub: 'user-1', iat: now, exp: now + 300, scope: 'a' };
};
const head = { alg: 'ES256', kid: 'kept', typ: 'at+jwt' };
const signatureOf = (token: string | undefined): string => token?.split('.')[2] ?? '';

/** Tokens that no issuer makes. */
const forged: readonly ((world: SoakWorld) => string)[] = [
  (world) => forgedToken({ ...head, alg: 'none' }, claims(world)),
  (world) => forgedToken({ ...head, alg: 'None' }, claims(world)),
  (world) =>
    forgedToken({ ...head, alg: 'HS256' }, claims(world), (input) =>
      createHmac('sha256', JSON.stringify(world.keys.kept.publicJwk)).update(input).digest(),
    ),
  (world) => forgedToken({ ...head, b64: false }, claims(world), () => signatureOf(world.tokens[0])),
  (world) => forgedToken({ ...head, b64: false, crit: ['b64'] }, claims(world), () => signatureOf(world.tokens[0])),
  (world) => forgedToken({ ...head, crit: ['x'], x: 1 }, claims(world), () => signatureOf(world.tokens[0])),
  (world) => forgedToken(head, claims(world), () => signatureOf(world.tokens[0])),
  (world) => forgedToken(head, claims(world), () => Buffer.alloc(64)),
  (world) => forgedToken({ ...head, jwk: world.keys.foreign.publicJwk }, claims(world), () => 'AA'),
  (world) => forgedToken({ ...head, kid: '__proto__' }, claims(world), () => Buffer.alloc(64, 1)),
  (world) => forgedToken({ ...head, kid: '../../etc/passwd' }, claims(world), () => Buffer.alloc(64, 1)),
  (world) => forgedToken('[1]', claims(world), () => 'AA'),
  () => forgedToken(head, '{"sub":'.repeat(500), () => 'AA'),
  (world) => `${world.tokens[0] ?? ''}A`,
  (world) => (world.tokens[0] ?? '').replaceAll('.', '..'),
  () => 'x'.repeat(8_000),
  () => '..',
];

const changed = (token: string | undefined, random: Random): string => {
  const [header = '', payload = '', signature = ''] = token?.split('.') ?? [];
  const at = random.below(signature.length - 2);
  const other = signature[at] === 'A' ? 'B' : 'A';
  return `${header}.${payload}.${signature.slice(0, at)}${other}${signature.slice(at + 1)}`;
};

const asking = async (world: SoakWorld, token: string): Promise<string | undefined> =>
  misfit(await ask(world.url, '/me', { headers: bearer(token) }), [401]);

/** Inputs that arrive in `Authorization`. */
export const tokenAttacks: Readonly<Record<string, Attack>> = {
  'forged tokens': (world, random) => asking(world, random.one(forged)(world)),
  'tokens with a bit changed': (world, random) => asking(world, changed(random.one(world.tokens), random)),
  'tokens of a foreign issuer': async (world, random) =>
    asking(world, await userToken(world.keys.foreign, random.below(40))),
  'tokens of a withdrawn key': async (world, random) => {
    if (!world.isKeyWithdrawn) return undefined;
    return asking(world, await userToken(world.keys.withdrawn, random.below(40)));
  },
  'orders without a token': async (world) =>
    misfit(
      await ask(world.url, '/orders', { method: 'POST', headers: jsonType, body: '{"name":"smuggled-1"}' }),
      [401],
    ),
};
