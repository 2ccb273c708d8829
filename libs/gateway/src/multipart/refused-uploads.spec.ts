import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bytes, DocumentService, FormApp, mega, part, platforms, responseTo } from '../fixtures/forms-under-test.js';

let service: DocumentService;
beforeAll(async () => {
  service = await DocumentService.start();
  return () => service.stop();
});
beforeEach(() => {
  service.requests.length = 0;
});

describe.each(platforms)('a form with files that cannot be taken on %s', (platform) => {
  let app: FormApp;
  beforeAll(async () => {
    app = await FormApp.start(platform, service.url);
    return () => app.stop();
  });
  it('is refused by the stages before any of it is read', async () => {
    const sent = app.open('/guarded');
    sent.write(part('name="title"', 'Never'));
    expect(await responseTo(sent)).toMatchObject({ status: 401 });
    sent.destroy();
    const large = app.open('/documents', { 'content-length': String(9 * 1024 * 1024) });
    large.flushHeaders();
    expect(await responseTo(large)).toMatchObject({ status: 413, body: { code: 'GW_PAYLOAD_TOO_LARGE' } });
    large.destroy();
    expect(service.requests).toEqual([]);
  });

  const good = [part('name="title"', 'Good'), part('name="file"; filename="f"', 'x')];
  const end = Buffer.from('--B--\r\n');
  const whole = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, end]);
  it.each([
    ['a required file that is missing', whole(good[0]!), 400, 'GW_INVALID_INPUT', '/body/file'],
    ['a required text that is missing', whole(good[1]!), 400, 'GW_INVALID_INPUT', '/body/title'],
    [
      'a text that the contract refuses',
      whole(part('name="title"', 'x'), good[1]!),
      400,
      'GW_INVALID_INPUT',
      '/body/title',
    ],
    ['a number that is none', whole(...good, part('name="count"', 'x')), 400, 'GW_INVALID_INPUT', '/body/count'],
    ['a text twice', whole(...good, good[0]!), 400, 'GW_INVALID_INPUT', '/body/title'],
    ['a file twice', whole(...good, good[1]!), 400, 'GW_INVALID_INPUT', '/body/file'],
    [
      'too many items',
      whole(...good, ...[1, 2, 3, 4].map(() => part('name="tags"', 'a'))),
      400,
      'GW_INVALID_INPUT',
      '/body/tags',
    ],
    ['too few files', whole(...good, part('name="pages"; filename="p"', 'a')), 400, 'GW_INVALID_INPUT', '/body/pages'],
    [
      'another media type than the encoding says',
      whole(...good, part('name="image"; filename="i"\r\ncontent-type: image/gif', 'a')),
      415,
      'GW_UNSUPPORTED_MEDIA_TYPE',
      '/body/image',
    ],
    [
      'a file without the media type that the encoding wants',
      whole(...good, part('name="image"; filename="i"', 'a')),
      415,
      'GW_UNSUPPORTED_MEDIA_TYPE',
      '/body/image',
    ],
    [
      'a transfer encoding',
      whole(
        ...good,
        part('name="image"; filename="i"\r\ncontent-type: image/png\r\ncontent-transfer-encoding: base64', 'YQ=='),
      ),
      415,
      'GW_UNSUPPORTED_MEDIA_TYPE',
      '/body/image',
    ],
    ['JSON that is none', whole(...good, part('name="meta"', '{')), 400, 'GW_BAD_REQUEST', '/body/meta'],
    [
      'JSON that the contract refuses',
      whole(...good, part('name="meta"', '{"lang":1}')),
      400,
      'GW_INVALID_INPUT',
      '/body/meta/lang',
    ],
    [
      'text that is no UTF-8',
      whole(...good, part('name="tags"', Buffer.from([0xff, 0xfe]))),
      400,
      'GW_BAD_REQUEST',
      '/body/tags',
    ],
    [
      'a text above its limit',
      whole(...good, part('name="tags"', 'x'.repeat(1025))),
      413,
      'GW_PAYLOAD_TOO_LARGE',
      '/body/tags',
    ],
    [
      'a file above its limit',
      whole(good[0]!, part('name="file"; filename="f"', bytes(6 * 1024 * 1024 + 1))),
      413,
      'GW_PAYLOAD_TOO_LARGE',
      '/body/file',
    ],
    [
      'too many parts',
      whole(...good, ...Array.from({ length: 11 }, (_, at) => part(`name="x${at}"`, 'a'))),
      413,
      'GW_PAYLOAD_TOO_LARGE',
      '/body',
    ],
    ['a part without a name', whole(...good, part('filename="x"', 'a')), 400, 'GW_BAD_REQUEST', '/body'],
    ['the name of the prototype', whole(...good, part('name="__proto__"', 'a')), 201, undefined, undefined],
    ['no last boundary', Buffer.concat(good), 400, 'GW_BAD_REQUEST', '/body'],
    ['no boundary at all', Buffer.from('hello'), 400, 'GW_BAD_REQUEST', '/body'],
    ['no bytes', Buffer.alloc(0), 400, 'GW_BAD_REQUEST', '/body'],
    ['no parts', end, 400, 'GW_INVALID_INPUT', '/body/title'],
    [
      'a text behind a large file',
      whole(part('name="file"; filename="f"', mega), good[0]!),
      400,
      'GW_INVALID_INPUT',
      '/body/title',
    ],
  ])('answers %s', async (_name, body, status, code, pointer) => {
    const response = await app.raw('/documents', body, { 'content-length': String(body.length) });
    expect([response.status, response.body]).toEqual([
      status,
      code === undefined
        ? expect.anything()
        : expect.objectContaining({ code, errors: expect.arrayContaining([expect.objectContaining({ pointer })]) }),
    ]);
    // A small form is sent when it is known to be right; a large one is broken off.
    if (code !== undefined) await service.until((requests) => requests.every(({ state }) => state === 'aborted'));
  });

  it('answers content types that it does not take', async () => {
    for (const [type, status] of [
      ['multipart/form-data', 400],
      ['multipart/mixed; boundary=B', 415],
      ['application/x-www-form-urlencoded', platform === 'a Fastify of the team' ? 400 : 415],
    ] as const) {
      expect((await app.raw('/documents', whole(...good), { 'content-type': type })).status).toBe(status);
    }
    expect(
      (await app.raw('/documents', '{"title":"Good","file":"x"}', { 'content-type': 'application/json' })).status,
    ).toBe(platform === 'a Fastify of the team' ? 400 : 415);
    expect((await app.raw('/documents', whole(...good), { 'content-encoding': 'gzip' })).status).toBe(415);
    expect(service.requests).toEqual([]);
  });

  it('answers a mistake that shows while files pass through, and breaks the call off', async () => {
    const cases: [Buffer[], number, string][] = [
      [
        [
          part('name="title"', 'Late'),
          part('name="file"; filename="f"', mega),
          part('name="image"; filename="i"', 'x'),
          end,
        ],
        415,
        '/body/image',
      ],
      [
        [part('name="title"', 'Late'), part('name="image"; filename="i"\r\ncontent-type: image/png', mega), end],
        400,
        '/body/file',
      ],
      [[part('name="title"', 'Late'), part('name="file"; filename="f"', mega)], 400, '/body'],
      [
        [
          part('name="title"', 'Late'),
          ...Array.from({ length: 2 }, () => part('name="file"; filename="f"', mega)),
          end,
        ],
        400,
        '/body/file',
      ],
      [
        [
          part('name="title"', 'Late'),
          ...Array.from({ length: 2 }, (_, at) => part(`name="${at === 0 ? 'file' : 'pages'}"; filename="f"`, mega)),
          end,
        ],
        400,
        '/body/pages',
      ],
    ];
    for (const [parts, status, pointer] of cases) {
      service.requests.length = 0;
      const sent = app.open('/documents');
      // Slowly, so that the call has begun.
      sent.write(Buffer.concat(parts.slice(0, 2)));
      await service.until(([first]) => (first?.bytes ?? 0) > 0);
      sent.end(Buffer.concat(parts.slice(2)));
      expect(await responseTo(sent)).toMatchObject({
        status,
        body: { errors: [{ pointer }], writes: { unknown: ['stored'] } },
      });
      await service.until(([first]) => first?.state === 'aborted');
      expect(service.requests.length).toBe(1);
    }
  });

  it('breaks the call off when the client leaves', async () => {
    const sent = app.open('/documents');
    sent.write(part('name="title"', 'Gone'));
    sent.write(part('name="file"; filename="f"', mega).subarray(0, -2));
    await service.until(([first]) => (first?.bytes ?? 0) > 64 * 1024);
    sent.destroy();
    await service.until(([first]) => first?.state === 'aborted');
    // It is not sent again.
    expect(service.requests.length).toBe(1);
  });
});
