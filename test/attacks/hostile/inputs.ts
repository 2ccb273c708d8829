import { Random } from '../../soak/random.js';
import { bodies, fields, methods, paths, queries, values } from './pieces.js';

/** The parts of an app that an attacker knows. */
export interface Target {
  /** Paths of its routes, with values in place of parameters. */
  readonly paths: readonly string[];
  /** A token that opens all of its routes. */
  readonly token: string;
}

/** The right to the routes of the app that a request proves. */
export type Rights = 'none' | 'all';

/** The bytes of one connection, one character a byte. The same seed and number give the same bytes. */
export function hostileInput(seed: number, number: number, target: Target, rights: Rights): string {
  const random = new Random(seed + Math.imul(number, 0x9e_37_79_b1));
  const bytes = requestOf(random, target, rights);
  // One in eight is changed byte by byte as well: a token stays what it is, or it would be another right.
  return rights === 'none' && random.below(8) === 0 ? changed(random, bytes) : bytes;
}

function requestOf(random: Random, target: Target, rights: Rights): string {
  const method = random.one(methods);
  const path = random.one(target.paths).slice(1);
  const written = random.below(3) === 0 ? random.one(paths) : '/PATH';
  const place = written.replaceAll('PATH', () => (random.below(3) === 0 ? withValue(random, path) : path));
  const query = random.below(2) === 0 ? filled(random, random.one(queries), true) : '';
  const version =
    random.below(40) === 0 ? random.one(['HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', '']) : 'HTTP/1.1';
  const lines = [`${method} ${place}${query} ${version}`];
  if (random.below(40) !== 0) lines.push('host: x');
  const credential = rights === 'all' ? `authorization: Bearer ${target.token}` : forged(random, target.token);
  if (credential !== undefined) lines.push(credential);
  for (let left = random.below(4); left > 0; left--) lines.push(filled(random, random.one(fields), false));
  const body = random.below(2) === 0 ? filled(random, random.one(bodies), false) : '';
  if (body !== '' && random.below(4) !== 0) {
    lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(body, 'latin1')}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** The id at the end of a path becomes something else. */
function withValue(random: Random, path: string): string {
  const at = path.lastIndexOf('/');
  const value = random.one(values);
  return `${path.slice(0, at + 1)}${random.below(2) === 0 ? encoded(value) : bytesOf(value)}`;
}

function filled(random: Random, text: string, inQuery: boolean): string {
  return text.replaceAll('VALUE', () => {
    const value = random.one(values);
    return inQuery && random.below(4) !== 0 ? encoded(value) : bytesOf(value);
  });
}

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const base64 = (text: string): string => Buffer.from(text).toString('base64url');

/** A credential that proves nothing, or none. */
function forged(random: Random, token: string): string | undefined {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const bearer = (text: string): string => `authorization: Bearer ${text}`;
  const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
  const forms: readonly (() => string | undefined)[] = [
    () => undefined,
    () => bearer(`${base64('{"alg":"none"}')}.${claims}.`),
    () => bearer(`${base64('{"alg":"nOnE","typ":"at+jwt"}')}.${claims}.${signature}`),
    () => bearer(`${base64('{"alg":"HS256","typ":"at+jwt"}')}.${claims}.${signature}`),
    () => bearer(`${base64('{"alg":"RS256","jku":"http://evil.test/","kid":"../../etc"}')}.${claims}.${signature}`),
    () => bearer(`${base64(`{"alg":"RS256","kid":${JSON.stringify(random.one(values))}}`)}.${claims}.${signature}`),
    () => bearer(`${head}.${base64('{"sub":"ada","aud":"mobile-bff","scope":"home:read"}')}.${signature}`),
    () => bearer(`${head}.${claims}.${flipped}`),
    () => bearer(`${head}.${claims}.`),
    () => bearer(`${head}.${claims}`),
    () => bearer(`${head}.${claims}.${signature}.${signature}`),
    () => bearer(`${head}..${signature}`),
    () => bearer(`${head}.${claims}.${signature}`.replace('.', ' .')),
    () => bearer(bytesOf(random.one(values))),
    () => bearer('a'.repeat(random.below(12_000))),
    () => bearer('.'.repeat(random.below(200))),
    () => 'authorization: Bearer',
    () => 'authorization:',
    () => `authorization: Basic ${base64('ada:ada')}`,
    () => `authorization: ${bytesOf(random.one(values))}`,
    () => `${bearer('a.b.c')}\r\n${bearer('d.e.f')}`,
    () => `authorization: DPoP ${head}.${claims}.${flipped}`,
    () => `x-authorization: Bearer ${token}`,
  ];
  return random.one(forms)();
}

/** Bytes changed, left out, repeated, and put in. */
function changed(random: Random, bytes: string): string {
  let text = bytes;
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(text.length + 1);
    const byte = String.fromCharCode(random.below(256));
    const ways = [
      () => text.slice(0, at) + byte + text.slice(at + 1),
      () => text.slice(0, at) + byte + text.slice(at),
      () => text.slice(0, at) + text.slice(at + 1 + random.below(20)),
      () => text.slice(0, at) + text.slice(at, at + random.below(40)) + text.slice(at),
      () => text.slice(0, at),
    ];
    text = random.one(ways)();
  }
  return text;
}
