import { setTimeout as pause } from 'node:timers/promises';
import { bearer, openSocket, sendBytes, statusesIn } from '../client.js';
import type { Random } from '../random.js';
import type { SoakWorld } from '../world.js';
import type { Attack } from './attack.js';

const json = 'content-type: application/json\r\n';
const smuggled = (world: SoakWorld): string => {
  const body = '{"name":"smuggled"}';
  const { authorization } = bearer(world.tokens[0]);
  return `POST /orders HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n${json}content-length: ${body.length}\r\n\r\n${body}`;
};
const post = (headers: string, body: string): string =>
  `POST /echo HTTP/1.1\r\nhost: x\r\n${json}${headers}\r\n\r\n${body}`;

/** Requests that are refused and close: what stands behind them in the same packet may not be carried out. */
const refusals: readonly string[] = [
  'GET /me HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n',
  'GET /me HTTP/1.1\r\n\r\n',
  'GET /me HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n',
  'GET /big HTTP/1.2\r\nhost: x\r\n\r\n',
  'GET /big HTTP/9.9\r\nhost: x\r\n\r\n',
  post('content-length: 4\r\ntransfer-encoding: chunked', '0\r\n\r\n'),
  post('content-length: 2\r\ncontent-length: 30', '{}'),
  post('content-length: +2', '{}'),
  post('content-length: 2, 30', '{}'),
  post('transfer-encoding: xchunked', '0\r\n\r\n'),
  post('transfer-encoding: chunked, identity', '0\r\n\r\n'),
  post('transfer-encoding : chunked', '0\r\n\r\n'),
  post('transfer-encoding: chunked', 'zz\r\n{}\r\n0\r\n\r\n'),
  post('transfer-encoding: chunked', '1\r\n{}\r\n0\r\n\r\n'),
  post('x-a: b\r\n transfer-encoding: chunked\r\ncontent-length: 2', '{}'),
];

const uploads = (world: SoakWorld): readonly string[] => [
  `POST /orders HTTP/1.1\r\nhost: x\r\n${json}content-length: 70000\r\n\r\n"${'x'.repeat(69_998)}"`,
  `POST /orders HTTP/1.1\r\nhost: x\r\nauthorization: ${bearer(world.tokens[1]).authorization}\r\n${json}content-length: 70000\r\n\r\n{"name":"${'x'.repeat(69_000)}`,
  `POST /echo HTTP/1.1\r\nhost: x\r\n${json}transfer-encoding: chunked\r\n\r\n5\r\n"abcd\r\n5\r\nefgh"\r\n0\r\n\r\n`,
  `POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n${json}content-length: 10\r\n\r\n"12345678"`,
  `GET /me HTTP/1.1\r\nhost: x\r\nauthorization: ${bearer(world.tokens[2]).authorization}\r\n\r\n`,
  'GET /faults/direct/silence/1 HTTP/1.1\r\nhost: x\r\n\r\n',
];

async function leaveEarly(world: SoakWorld, random: Random): Promise<undefined> {
  const bytes = random.one(uploads(world));
  const socket = await openSocket(world.url);
  socket.resume().write(bytes.slice(0, Math.ceil(bytes.length * random.next())), 'latin1');
  await pause(random.one([0, 0, 1, 5, 30, 200]));
  if (random.below(2) === 0) socket.destroy();
  else socket.resetAndDestroy();
  return undefined;
}

/** Inputs below HTTP, and clients that do not do their part. */
export const connectionAttacks: Readonly<Record<string, Attack>> = {
  'clients that leave': leaveEarly,
  'requests behind a refusal': async (world, random) => {
    const refused = random.one(refusals);
    const statuses = statusesIn(await sendBytes(world.url, refused + smuggled(world)));
    const isRight = statuses.length === 1 && statuses.every((status) => status >= 400 && status < 500);
    return isRight ? undefined : `${JSON.stringify(refused.slice(0, 120))} was answered with ${statuses.join(', ')}`;
  },
  'chunk sizes of 70,000 digits': async (world, random) => {
    const size = random.one(['0', 'f', '1']).repeat(70_000);
    const statuses = statusesIn(
      await sendBytes(world.url, post('transfer-encoding: chunked', `${size}\r\n{}\r\n0\r\n\r\n`)),
    );
    return statuses.every((status) => status >= 400 && status < 500)
      ? undefined
      : `a chunk size of 70,000 digits was answered with ${statuses.join(', ')}`;
  },
  'bytes that are no HTTP': async (world, random) => {
    const bytes = Buffer.from(Array.from({ length: 1 + random.below(400) }, () => random.below(256)));
    const statuses = statusesIn(await sendBytes(world.url, Buffer.concat([bytes, Buffer.from('\r\n\r\n')]), 2_500));
    return statuses.every((status) => status >= 400 && status < 500)
      ? undefined
      : `no HTTP was answered with ${statuses.join(', ')}`;
  },
  'clients that do not read': async (world, random) => {
    const socket = await openSocket(world.url);
    socket.pause();
    socket.write('GET /big HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(1 + random.below(12)));
    await pause(random.one([300, 2_500]));
    socket.destroy();
    return undefined;
  },
  'bodies that come slowly': async (world) => {
    const statuses = statusesIn(await sendBytes(world.url, post('content-length: 100', '{'), 15_000));
    return statuses.join() === '408' ? undefined : `a slow body was answered with ${statuses.join(', ') || 'nothing'}`;
  },
  'heads that come slowly': async (world) => {
    const statuses = statusesIn(await sendBytes(world.url, 'GET /big HTTP/1.1\r\nhost: x\r\nx-a: ', 15_000));
    return statuses.join() === '408' ? undefined : `a slow head was answered with ${statuses.join(', ') || 'nothing'}`;
  },
  'expectations without a token': async (world) => {
    const bytes = `POST /orders HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n${json}content-length: 90000\r\n\r\n`;
    const received = await sendBytes(world.url, bytes);
    return received.startsWith('HTTP/1.1 401 ') ? undefined : `was answered with ${received.slice(0, 60)}`;
  },
};
