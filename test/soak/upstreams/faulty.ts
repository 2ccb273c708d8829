import type { Socket } from 'node:net';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer, type RawReply, type RawRequest } from '@frontage/testing/raw-server';

/** No response of the BFF may hold it. */
export const strayText = 'stray-bytes-of-an-upstream';

const head = (request: RawRequest, more: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: ${request.headers['x-request-id'] ?? ''}\r\n${more}\r\n`;
const whole = (request: RawRequest, body: string | Buffer, more = ''): Buffer => {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(head(request, `content-length: ${bytes.length}\r\n${more}`)), bytes]);
};
const idOf = ({ target }: RawRequest): string => target.split('/').at(-1) ?? '';
const good = (request: RawRequest, more = ''): string => `{"id":"${idOf(request)}","text":"abc1"${more}}`;
const stray = (): Buffer => {
  const body = `{"id":"${strayText}","text":"abc1"}`;
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
};
const always =
  (make: (request: RawRequest) => Buffer | string): RawReply =>
  (socket, request) =>
    void socket.write(make(request));
const later = (socket: Socket, bytes: Buffer | string): void => void setTimeout(() => socket.write(bytes), 3);

/** Responses that hold the value that was asked for: the BFF may hand it on, and nothing else. */
export const soundKinds: Readonly<Record<string, RawReply>> = {
  good: always((request) => whole(request, good(request))),
  'unread-number': always((request) => whole(request, good(request, ',"other":123456789012345678901234567890'))),
  'stray-after': (socket, request) => {
    socket.write(whole(request, good(request)));
    later(socket, stray());
  },
  'stray-at-once': always((request) => Buffer.concat([whole(request, good(request)), stray()])),
  'zero-after': (socket, request) => {
    socket.write(whole(request, good(request)));
    later(socket, '\0\0');
  },
  'close-after': (socket, request) => void socket.end(whole(request, good(request))),
  'reset-after': (socket, request) => {
    socket.write(whole(request, good(request)));
    setTimeout(() => socket.resetAndDestroy(), 2);
  },
};

const chunked = 'transfer-encoding: chunked\r\n';
const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Responses that are none, or not the declared one: the BFF may never hand anything of them on. */
export const brokenKinds: Readonly<Record<string, RawReply>> = {
  deep: always((request) => whole(request, good(request, `,"other":${deep(5_000)}`))),
  'only-brackets': always((request) => whole(request, '['.repeat(60_000))),
  'bent-text': always((request) =>
    whole(request, Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('","text":"a1"}')])),
  ),
  'coding-constructor': always((request) => whole(request, good(request), 'content-encoding: constructor\r\n')),
  'coding-proto': always((request) => whole(request, good(request), 'content-encoding: __proto__\r\n')),
  'type-constructor': always((request) =>
    whole(request, good(request)).toString('latin1').replace('application/json', 'constructor/prototype'),
  ),
  'not-json': always((request) => whole(request, '<html>')),
  'foreign-echo': always(() => stray()),
  silence: rawReplies.silence(),
  reset: rawReplies.reset(),
  'half-then-reset': rawReplies.resetMidBody({ id: strayText, text: 'a1' }),
  'half-then-end': rawReplies.shortBody({ id: strayText, text: 'a1' }),
  'half-then-nothing': rawReplies.stall({ id: strayText, text: 'a1' }),
  'bad-chunk': rawReplies.badChunk(),
  endless: rawReplies.endlessBody(),
  'many-headers': rawReplies.manyHeaders(3_000),
  'slow-bytes': rawReplies.slowBytes({ id: strayText, text: 'a1' }, 20),
  'long-chunk-size': always((request) => `${head(request, chunked)}${'0'.repeat(70_000)}2\r\n{}\r\n0\r\n\r\n`),
  'huge-chunk-size': always((request) => `${head(request, chunked)}${'f'.repeat(70_000)}\r\n`),
  redirect: rawReplies.redirect(302, 'http://127.0.0.1:1/'),
};

const kinds = new Map(Object.entries({ ...soundKinds, ...brokenKinds }));

/** An upstream whose path says what is wrong with its response. */
export function startFaulty(): Promise<RawServer> {
  return RawServer.start((socket, request) => {
    const reply = kinds.get(request.target.split('/')[2] ?? '');
    if (reply === undefined) socket.destroy();
    else reply(socket, request);
  });
}
