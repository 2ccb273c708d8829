import { ask, bearer, jsonType, sendBytes, statusesIn } from '../client.js';
import { misfit, type Attack } from './attack.js';

const post = async (
  ...[world, path, body, statuses, headers = {}]: readonly [
    world: Parameters<Attack>[0],
    path: string,
    body: string | Buffer,
    statuses: readonly number[],
    headers?: Readonly<Record<string, string>>,
  ]
): Promise<string | undefined> =>
  misfit(await ask(world.url, path, { method: 'POST', headers: { ...jsonType, ...headers }, body }), statuses);

const bent: readonly (string | Buffer)[] = [
  Buffer.from([...Buffer.from('{"name":"'), 0xff, ...Buffer.from('"}')]),
  Buffer.from('{"name":"caf\u00e9"}', 'latin1'),
  Buffer.from('\ufeff{"name":"x"}', 'utf16le'),
  '\ufeff{"name":"x"}',
  '{"name":"a","name":"b"}',
  '{"name":"x","n":123456789012345678901}',
  '{"name":"x","n":1e400}',
  '{"name":"x","n":1e-400}',
  '{"name":"x","__proto__":{"admin":true}}',
  '{"name":"x","constructor":{"prototype":{"admin":true}}}',
  '{"name":"x"',
  '{"name":"x"}}',
  '[1,]',
];

/** Inputs that arrive in the body of a request. */
export const bodyAttacks: Readonly<Record<string, Attack>> = {
  'schemas whose function throws': (world, random) =>
    post(world, `/throwing/${random.one(['json', 'bigint', 'url'])}`, '{"n":"x y"}', [400, 500]),
  'odd values that are thrown': async (world, random) =>
    misfit(await ask(world.url, `/thrown/${random.below(100)}`), [500]),
  'changes of cached values': async (world, random) =>
    misfit(await ask(world.url, random.one(['/spoil/view', '/spoil/step', '/computing'])), [500]),
  'slow patterns': (world, random) =>
    post(world, '/throwing/pattern', JSON.stringify({ n: `${'a'.repeat(1 + random.below(100_000))}!` }), [400]),
  'bodies that would be bent': (world, random) =>
    post(world, '/orders', random.one(bent), [400], bearer(world.tokens[0])),
  'deep bodies': (world, random) => {
    const depth = random.one([501, 5_000, 200_000]);
    const text = random.one([`${'['.repeat(depth)}${']'.repeat(depth)}`, '{"a":'.repeat(depth), '['.repeat(depth)]);
    return post(world, random.one(['/echo', '/throwing/json']), text, [400, 413]);
  },
  'foreign charsets and codings': (world, random) =>
    post(
      world,
      '/echo',
      '{"name":"x"}',
      [415],
      random.one<Readonly<Record<string, string>>>([
        { 'content-encoding': 'constructor' },
        { 'content-encoding': '__proto__' },
        { 'content-encoding': 'gzip' },
        { 'content-type': 'application/json; charset=utf-7' },
        { 'content-type': 'constructor/prototype' },
      ]),
    ),
  'big bodies without a token': async (world, random) => {
    const size = random.one([20_000, 200_000, 900_000]);
    const path = random.one(['/orders', '/nowhere']);
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${size}\r\n\r\n`;
    const [status] = statusesIn(await sendBytes(world.url, `${head}"${'x'.repeat(size - 2)}"`, 1_500));
    // A connection that is closed while bytes arrive may be reset before the response is read.
    return status === undefined || status === 401 || status === 404 ? undefined : `${path} was answered with ${status}`;
  },
  'bodies beyond the limit': async (world) => {
    const bytes = `POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n`;
    const [status] = statusesIn(await sendBytes(world.url, bytes));
    return status === 413 ? undefined : `a body of 100 MB was answered with ${status}`;
  },
  'secrets in errors': async (world) => misfit(await ask(world.url, '/secret'), [500]),
};
