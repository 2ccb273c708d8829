import { connect } from 'node:net';
import { Body, Controller, Post } from '@nestjs/common';
import { inputOf, pick, plan, screen, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { upload } from '../../libs/gateway/src/fixtures/documents.js';
import { GatewayUnderTest } from '../../libs/gateway/src/fixtures/gateway-under-test.js';

const uploadScreen = screen(
  plan('attack.upload', { input: { body: inputOf(upload) }, deadlineMs: 5000 }, ({ body }) => ({
    stored: write(upload, { body }),
  })),
  ({ stored }) => pick(stored, 'id'),
);

@Public()
@Controller()
class Documents {
  @Post('documents')
  @Screen(uploadScreen)
  upload(@Body() body: unknown) {
    return { body };
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({
    controllers: [Documents],
    policy: 'limits: { multipart: { maxParts: 20, maxBody: 4MiB } }\n',
  });
  return () => app.stop();
});
beforeEach(() => {
  app.shop.requests.length = 0;
});

const part = (head: string, content = 'x'): string => `--B\r\n${head}\r\n\r\n${content}\r\n`;
const named = (name: string, more = ''): string => `content-disposition: form-data; name="${name}"${more}`;
const title = part(named('title'), 'Good');
const file = part(named('file', '; filename="f"'));
const end = '--B--\r\n';

const post = (body: string, type = 'multipart/form-data; boundary=B'): Promise<Response> =>
  fetch(`${app.url}/documents`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: Buffer.from(body, 'latin1'),
  });

describe('a hostile form', () => {
  it.each([
    ['a file name with a path', title + part(named('file', '; filename="../../etc/passwd"')) + end, 201],
    ['a file name with a path of Windows', title + part(named('file', '; filename="C:\\\\a\\\\passwd"')) + end, 201],
    [
      'a file name with quotes and line breaks, escaped',
      title + part(named('file', '; filename="a%22%0D%0Ax: y"')) + end,
      201,
    ],
    ['a file name with an escaped quote', title + part(named('file', '; filename="a\\"; name=\\"title"')) + end, 201],
    ['a file name with NUL', title + part(named('file', '; filename="a\u0000b"')) + end, 400],
    ['a file without a file name', title + part(named('file')) + end, 201],
    ['a text with a file name', part(named('title', '; filename="t"'), 'Good') + file + end, 201],
    [
      'a boundary of another form within a file',
      title +
        part(named('file', '; filename="f"'), '--C\r\ncontent-disposition: form-data; name="count"\r\n\r\n9') +
        end,
      201,
    ],
    ['bytes behind the last boundary', title + file + end + part(named('count'), '9') + end, 201],
    ['bytes before the first boundary', `junk\r\n${title}${file}${end}`, 201],
    [
      'a part within a part',
      title + file + part(`${named('count')}\r\ncontent-type: multipart/mixed; boundary=C`, '--C--') + end,
      415,
    ],
    [
      'a part that is no form-data',
      title + file + part('content-disposition: attachment; name="count"', '9') + end,
      201,
    ],
    ['a part without a disposition', title + file + part('content-type: text/plain', '9') + end, 201],
    ['an empty name', title + file + part(named('')) + end, 201],
    [
      'members of prototypes',
      title + file + part(named('__proto__')) + part(named('constructor')) + part(named('toString')) + end,
      201,
    ],
    ['a head that never ends', `${title}--B\r\n${named('file')}\r\nx: ${'a'.repeat(200_000)}`, 400],
    ['a hundred thousand parts', title + file + part(named('a'), '').repeat(40_000) + end, 413],
    ['JSON that nests without end', title + file + part(named('meta'), '['.repeat(1000)) + end, 400],
    [
      'JSON with a member of the prototype',
      title + file + part(named('meta'), '{"__proto__":{"lang":"x"}}') + end,
      400,
    ],
    ['a number that a double cannot hold', title + file + part(named('count'), '9007199254740993') + end, 400],
  ])('with %s gets its status, and the process goes on', async (_name, body, status) => {
    const response = await post(body);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      status < 300 ? 'application/json; charset=utf-8' : 'application/problem+json; charset=utf-8',
    ]);
    await response.arrayBuffer();
    const sent = app.shop.requests.at(0);
    if (status !== 201) return expect(sent).toBeUndefined();
    // The form that goes out is written anew: no head and no boundary of the client is in it.
    const boundary = /boundary=(\S+)/.exec(sent?.headers['content-type'] ?? '')?.[1] ?? 'none';
    const heads = (sent?.body ?? '')
      .split(`--${boundary}\r\n`)
      .slice(1)
      .map((one) => one.split('\r\n\r\n', 1)[0] ?? '');
    expect(heads.map((head) => /name="([^"]*)"/.exec(head)?.[1])).toEqual(['title', 'file']);
    for (const head of heads)
      expect(head).toMatch(
        /^content-disposition: form-data; name="[a-z]+"(?:; filename="[^"\r\n/\\]*")?(?:\r\ncontent-type: [a-z/-]+)?$/,
      );
    return undefined;
  });

  it.each([
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    'multipart/form-data;boundary',
    'Multipart/Form-Data; charset=utf-8',
  ])('of the type %j has no boundary', async (type) => {
    const response = await post(title + file + end, type);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '/body' }] });
  });

  it.each(['multipart/form-data;boundary=B', 'MULTIPART/FORM-DATA; Boundary="B"'])(
    'of the type %j is read',
    async (type) => {
      expect((await post(title + file + end, type)).status).toBe(201);
    },
  );

  it('ends at its limit without a declared size, and closes', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
      let text = '';
      socket.setEncoding('latin1');
      socket.on('data', (chunk: string) => (text += chunk));
      socket.on('error', (cause: NodeJS.ErrnoException) =>
        /ECONNRESET|EPIPE/.test(cause.code ?? '') ? undefined : reject(cause),
      );
      socket.on('close', () => resolve(text));
      socket.write(
        'POST /documents HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-type: multipart/form-data; boundary=B\r\n\r\n',
      );
      const chunk = (bytes: string): string => `${bytes.length.toString(16)}\r\n${bytes}\r\n`;
      socket.write(chunk(title + part(named('other', '; filename="f"')).slice(0, -3)));
      const more = chunk('y'.repeat(64 * 1024));
      const write = (): void => {
        if (!socket.destroyed && !socket.writableEnded) socket.write(more, () => setImmediate(write));
      };
      write();
    });
    expect(answer).toContain('HTTP/1.1 413');
    expect(answer).toContain('connection: close');
  });
});
