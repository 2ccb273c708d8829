import { createServer, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Body, Controller, HttpCode, Module, Post, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { inputOf, pick, plan, required, screen, write } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import type { Client } from '@frontage/clients';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Takes } from '../body/takes.decorator.js';
import { valid } from '../body/valid.pipe.js';
import { createGateway } from '../create-gateway.js';
import { attach, contract, find, put, upload, type Upload } from '../fixtures/documents.js';
import { policyFile, specModule } from '../fixtures/gateway-under-test.js';
import { FrontageModule } from '../nest/frontage.module.js';
import { InjectClient } from '../nest/inject-client.decorator.js';
import { Screen } from '../screens/screen.decorator.js';

const shop = { contract, upload, put };

const deadlineMs = 20_000;
const uploadScreen = screen(
  plan('spec.upload', { input: { body: inputOf(upload) }, deadlineMs }, ({ body }) => ({
    stored: write(upload, { body }, { timeoutMs: deadlineMs }),
  })),
  ({ stored }, { body }) => ({ id: stored.id, title: body.title }),
);
const renamedScreen = screen(
  plan('spec.renamed', { input: { body: inputOf(attach) }, deadlineMs }, ({ body }) => ({
    stored: write(
      attach,
      { body: { name: body.name, document: body.preview, preview: body.document } },
      { timeoutMs: deadlineMs },
    ),
  })),
  ({ stored }) => pick(stored, 'id'),
);
const blobScreen = screen(
  plan('spec.blob', { input: { body: inputOf(upload).pick('file') }, deadlineMs }, ({ body }) => ({
    stored: write(put, { body: body.file }, { timeoutMs: deadlineMs }),
  })),
  ({ stored }) => pick(stored, 'id'),
);

type Shop = Client<typeof shop>;

@Public()
@Controller()
class Documents {
  @Post('documents')
  @Screen(uploadScreen)
  upload(@Body() body: unknown) {
    return { body };
  }
  @Post('renamed')
  @Screen(renamedScreen)
  renamed(@Body() body: unknown) {
    return { body };
  }
  @Post('blobs')
  @Screen(blobScreen)
  blob(@Body() body: unknown) {
    return { body };
  }
  @Post('own')
  @HttpCode(200)
  @Takes(inputOf(upload))
  own(@Body(valid(inputOf(upload))) body: Upload, @InjectClient(shop) client: Shop) {
    return client.upload({ body }, { timeoutMs: deadlineMs });
  }
  @Post('plain')
  plain(@Body() body: unknown) {
    return { body };
  }
}

@Controller()
class Guarded {
  @Post('guarded')
  @Access({ scope: 'documents:write' })
  @Screen(uploadScreen)
  upload(@Body() body: unknown) {
    return { body };
  }
}

/** A service that stores documents: what arrived, also of a request that broke off. */
class Service {
  readonly requests: {
    readonly request: IncomingMessage;
    bytes: number;
    state: 'open' | 'whole' | 'aborted';
    form?: FormData;
  }[] = [];
  readonly url: string;
  readonly #stop: () => void;
  #heard: (() => void)[] = [];

  private constructor(url: string, stop: () => void) {
    this.url = url;
    this.#stop = stop;
  }

  static async start(): Promise<Service> {
    let service: Service | undefined;
    const server = createServer((request, response) => {
      const seen: Service['requests'][number] = { request, bytes: 0, state: 'open' };
      service?.requests.push(seen);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => {
        seen.bytes += chunk.length;
        chunks.push(chunk);
        service?.ring();
      });
      request.on('close', () => {
        if (seen.state === 'open') seen.state = 'aborted';
        service?.ring();
      });
      request.on('end', () => {
        seen.state = 'whole';
        const type = request.headers['content-type'] ?? '';
        const done = (): void => {
          response.setHeader('content-type', 'application/json');
          response.end('{"id":"d-1"}');
        };
        if (!type.startsWith('multipart/')) return done();
        void new Response(Buffer.concat(chunks), { headers: { 'content-type': type } }).formData().then((form) => {
          seen.form = form;
          done();
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    service = new Service(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => {
      server.closeAllConnections();
      server.close();
    });
    return service;
  }

  ring(): void {
    for (const heard of this.#heard.splice(0)) heard();
  }

  /** Resolves once something holds of what has arrived. */
  async until(holds: (requests: Service['requests']) => boolean): Promise<void> {
    while (!holds(this.requests)) await new Promise<void>((resolve) => this.#heard.push(resolve));
  }

  stop(): void {
    this.#stop();
  }
}

const policy = `bff: spec
listen: { port: 0, adminPort: 0 }
log: { requests: false }
access: { jwt: { issuer: 'https://issuer.test', audience: spec, jwks: 'https://issuer.test/jwks.json' } }
limits: { maxBody: 100KiB, multipart: { maxBody: 8MiB, maxFile: 6MiB, maxParts: 12, maxField: 1KiB } }
deadline: 20s
upstreams:
  shop: { urls: ['\${SHOP_URL}'], timeout: 20s }
`;

let service: Service;
beforeAll(async () => {
  service = await Service.start();
  return () => service.stop();
});
beforeEach(() => {
  service.requests.length = 0;
});

const controllers = [Documents, Guarded];
const start = {
  async Fastify() {
    const gateway = createGateway(specModule({ controllers }), {
      config: policyFile(policy),
      env: { SHOP_URL: service.url },
    });
    const { url } = await gateway.start();
    return { url, stop: () => gateway.close() };
  },
  Express: () => inNest(undefined),
  'a Fastify of the team': () => inNest(new FastifyAdapter()),
};

async function inNest(adapter: FastifyAdapter | undefined) {
  @Module({
    imports: [FrontageModule.forRoot({ config: policyFile(policy), env: { SHOP_URL: service.url } })],
    controllers,
  })
  class AppModule {}
  const options = { logger: false, abortOnError: false } as const;
  const app: INestApplication =
    adapter === undefined
      ? await NestFactory.create(AppModule, options)
      : await NestFactory.create(AppModule, adapter, options);
  await app.listen(0, '127.0.0.1');
  return { url: `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`, stop: () => app.close() };
}

/** Bytes without a pattern that a boundary could hide in. */
const bytes = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 255);
const mega = bytes(1024 * 1024);

function form(members: Readonly<Record<string, string | Blob | (string | Blob)[]>>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(members)) for (const one of [value].flat()) made.append(name, one);
  return made;
}
const blob = (content: string | Uint8Array<ArrayBuffer>, type = 'application/pdf'): File =>
  new File([content], 'a.pdf', { type });

describe.each(['Fastify', 'Express', 'a Fastify of the team'] as const)('a form with files on %s', (platform) => {
  let url: string;
  beforeAll(async () => {
    const running = await start[platform]();
    ({ url } = running);
    return () => running.stop();
  });

  const post = async (path: string, body: FormData, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, { method: 'POST', body, headers });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  /** A request whose body the test writes piece by piece. */
  const open = (path: string, headers: Record<string, string> = {}): ClientRequest => {
    const sent = httpRequest(url + path, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=B', ...headers },
    });
    sent.on('error', () => undefined);
    return sent;
  };
  const responseTo = async (sent: ClientRequest): Promise<{ status: number | undefined; body: unknown }> => {
    const response = await new Promise<IncomingMessage>((resolve) => sent.once('response', resolve));
    return { status: response.statusCode, body: await json(response) };
  };
  const part = (head: string, content: string | Uint8Array = ''): Buffer =>
    Buffer.concat([
      Buffer.from(`--B\r\ncontent-disposition: form-data; ${head}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]);
  const raw = async (path: string, body: Buffer | string, headers: Record<string, string> = {}) => {
    const sent = open(path, headers);
    sent.end(body);
    return responseTo(sent);
  };
  const last = () => service.requests.at(-1);
  const sentFile = async (name: string): Promise<Buffer> => {
    const value = last()?.form?.get(name);
    return value instanceof Blob ? Buffer.from(await value.arrayBuffer()) : Buffer.from(value ?? 'none');
  };

  it('reaches the service with its texts as the contract has them, and its files as they were', async () => {
    const { status, body } = await post(
      '/documents',
      form({
        file: blob('%PDF'),
        title: 'Contract \u00fc',
        count: '3',
        tags: ['a', 'b'],
        meta: new Blob(['{"lang":"de","x":1}'], { type: 'application/json' }),
        image: blob('png', 'image/png'),
        pages: [blob('1'), blob('2')],
        other: 'x',
        upload: blob('dropped'),
      }),
    );
    expect({ status, body }).toEqual({ status: 201, body: { id: 'd-1', title: 'Contract \u00fc' } });
    const sent = last()?.form;
    expect([...(sent ?? [])].map(([name]) => name).toSorted()).toEqual([
      'count',
      'file',
      'image',
      'meta',
      'pages',
      'pages',
      'tags',
      'tags',
      'title',
    ]);
    expect([sent?.get('title'), sent?.get('count'), sent?.getAll('tags')]).toEqual([
      'Contract \u00fc',
      '3',
      ['a', 'b'],
    ]);
    expect(String(await sentFile('meta'))).toBe('{"lang":"de"}');
    expect(sent?.get('file')).toMatchObject({ name: 'a.pdf', type: 'application/pdf' });
    expect(sent?.get('image')).toMatchObject({ type: 'image/png' });
    expect(String(await sentFile('file'))).toBe('%PDF');
    // A small form is whole before anything is sent, so that its size is known.
    expect(last()?.request.headers).toMatchObject({ 'content-length': expect.any(String) });
  });

  it('passes large files on while they arrive, byte by byte, in the order of the client', async () => {
    const { status } = await post(
      '/documents',
      form({ title: 'Big', file: blob(mega), pages: [blob(mega), blob(mega)] }),
    );
    expect(status).toBe(201);
    expect((await sentFile('file')).equals(mega)).toBe(true);
    expect(last()?.form?.getAll('pages')).toMatchObject([{ size: mega.length }, { size: mega.length, name: 'a.pdf' }]);
    expect(last()?.request.headers['transfer-encoding']).toBe('chunked');
  });

  it('does so before the client has sent all of them', async () => {
    const sent = open('/documents');
    sent.write(part('name="title"', 'Slow'));
    sent.write(part('name="file"; filename="f"', mega).subarray(0, -2));
    await service.until(([first]) => (first?.bytes ?? 0) > mega.length - 64 * 1024);
    expect(last()?.state).toBe('open');
    sent.end('end\r\n--B--\r\n');
    expect((await responseTo(sent)).status).toBe(201);
    expect((await sentFile('file')).length).toBe(mega.length + 3);
  });

  it('takes files under other names, files that do not come, and a file as the whole body of a call', async () => {
    expect(
      (await post('/renamed', form({ name: 'Two', preview: blob(mega, 'image/png'), document: blob(mega) }))).status,
    ).toBe(201);
    expect([...(last()?.form?.keys() ?? [])]).toEqual(['name', 'document', 'preview']);
    expect(last()?.form?.get('document')).toMatchObject({ type: 'image/png' });
    expect((await post('/blobs', form({ file: blob(mega) }))).status).toBe(201);
    expect([last()?.bytes, last()?.request.headers['content-type']]).toEqual([mega.length, 'application/octet-stream']);
    expect((await post('/blobs', form({ file: blob('small') }))).status).toBe(201);
    expect(last()?.bytes).toBe(5);
  });

  it('is an input of a hand-written handler that says so, and of no other', async () => {
    expect((await post('/own', form({ title: 'Own', file: blob(mega) }))).body).toEqual({ id: 'd-1' });
    expect((await sentFile('file')).equals(mega)).toBe(true);
    expect((await post('/own', form({ title: 'O', file: blob('x') }))).body).toMatchObject({
      status: 400,
      errors: [{ pointer: '/body/title' }],
    });
    if (platform !== 'Express') expect((await post('/plain', form({ title: 'Own' }))).status).toBe(415);
  });

  it('is refused by the stages before any of it is read', async () => {
    const sent = open('/guarded');
    sent.write(part('name="title"', 'Never'));
    expect(await responseTo(sent)).toMatchObject({ status: 401 });
    sent.destroy();
    const large = open('/documents', { 'content-length': String(9 * 1024 * 1024) });
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
    const response = await raw('/documents', body, { 'content-length': String(body.length) });
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
      expect((await raw('/documents', whole(...good), { 'content-type': type })).status).toBe(status);
    }
    expect(
      (await raw('/documents', '{"title":"Good","file":"x"}', { 'content-type': 'application/json' })).status,
    ).toBe(platform === 'a Fastify of the team' ? 400 : 415);
    expect((await raw('/documents', whole(...good), { 'content-encoding': 'gzip' })).status).toBe(415);
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
      const sent = open('/documents');
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
    const sent = open('/documents');
    sent.write(part('name="title"', 'Gone'));
    sent.write(part('name="file"; filename="f"', mega).subarray(0, -2));
    await service.until(([first]) => (first?.bytes ?? 0) > 64 * 1024);
    sent.destroy();
    await service.until(([first]) => first?.state === 'aborted');
    // It is not sent again.
    expect(service.requests.length).toBe(1);
  });
});

describe('a plan with files', () => {
  const boot = (made: Parameters<typeof Screen>[0]) => {
    @Public()
    @Controller()
    class Wrong {
      @Post('wrong')
      @Screen(made)
      wrong(@Body() body: unknown) {
        return { body };
      }
    }
    return createGateway(specModule({ controllers: [Wrong] }), {
      config: policyFile(policy),
      env: { SHOP_URL: service.url },
    }).start();
  };
  const input = { body: inputOf(upload) };

  it('sends each of them once, in a write', async () => {
    const twice = plan('spec.twice', { input, deadlineMs }, ({ body }) => ({
      one: write(upload, { body: { title: body.title, file: body.file } }),
      two: write(put, { body: body.file }),
    }));
    await expect(boot(screen(twice, () => ({})))).rejects.toThrow('one and two at');
    const read = plan('spec.read', { input, deadlineMs }, ({ body }) => ({
      one: required(find, { body: { title: body.title, file: body.file } }, { safe: true }),
    }));
    await expect(boot(screen(read, () => ({})))).rejects.toThrow(
      'sends the file body.file in a read, which may be sent again: write(...) takes it',
    );
    const fallback = plan('spec.fallback', { input, deadlineMs }, ({ body }) => ({
      one: write(put, { body: 'x' }, { fallback: write(put, { body: body.file }) }),
    }));
    await expect(boot(screen(fallback, () => ({})))).rejects.toThrow('as a fallback or an undo');
  });

  it('shows none of them in its view', async () => {
    const shown = plan('spec.shown', { input, deadlineMs }, ({ body }) => ({ one: write(upload, { body }) }));
    await expect(boot(screen(shown, (_, { body }) => ({ title: body.title, file: body.file })))).rejects.toThrow(
      "the view of 'spec.shown' reads the file body.file",
    );
    await expect(boot(screen(shown, (_, { body }) => ({ body })))).rejects.toThrow('reads the file body:');
  });

  it('stands in the document with its parts', async () => {
    const document = await createGateway(specModule({ controllers: [Documents] }), {
      config: policyFile(policy),
      env: { SHOP_URL: service.url },
    }).openApi();
    expect(document).toMatchObject({
      paths: {
        '/documents': {
          post: {
            requestBody: {
              required: true,
              content: { 'multipart/form-data': { encoding: { image: { contentType: 'image/png, image/jpeg' } } } },
            },
          },
        },
      },
      components: { schemas: { 'shop.UploadInput': { properties: { file: { type: 'string', format: 'binary' } } } } },
    });
  });
});
