import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  blob,
  DocumentService,
  form,
  FormApp,
  mega,
  part,
  platforms,
  responseTo,
} from '../fixtures/forms-under-test.js';

let service: DocumentService;
beforeAll(async () => {
  service = await DocumentService.start();
  return () => service.stop();
});
beforeEach(() => {
  service.requests.length = 0;
});

describe.each(platforms)('a form with files on %s', (platform) => {
  let app: FormApp;
  beforeAll(async () => {
    app = await FormApp.start(platform, service.url);
    return () => app.stop();
  });
  const last = () => service.requests.at(-1);
  const sentFile = async (name: string): Promise<Buffer> => {
    const value = last()?.form?.get(name);
    return value instanceof Blob ? Buffer.from(await value.arrayBuffer()) : Buffer.from(value ?? 'none');
  };

  it('reaches the service with its texts as the contract has them, and its files as they were', async () => {
    const { status, body } = await app.post(
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
    const { status } = await app.post(
      '/documents',
      form({ title: 'Big', file: blob(mega), pages: [blob(mega), blob(mega)] }),
    );
    expect(status).toBe(201);
    expect((await sentFile('file')).equals(mega)).toBe(true);
    expect(last()?.form?.getAll('pages')).toMatchObject([{ size: mega.length }, { size: mega.length, name: 'a.pdf' }]);
    expect(last()?.request.headers['transfer-encoding']).toBe('chunked');
  });

  it('does so before the client has sent all of them', async () => {
    const sent = app.open('/documents');
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
      (await app.post('/renamed', form({ name: 'Two', preview: blob(mega, 'image/png'), document: blob(mega) })))
        .status,
    ).toBe(201);
    expect([...(last()?.form?.keys() ?? [])]).toEqual(['name', 'document', 'preview']);
    expect(last()?.form?.get('document')).toMatchObject({ type: 'image/png' });
    expect((await app.post('/blobs', form({ file: blob(mega) }))).status).toBe(201);
    expect([last()?.bytes, last()?.request.headers['content-type']]).toEqual([mega.length, 'application/octet-stream']);
    expect((await app.post('/blobs', form({ file: blob('small') }))).status).toBe(201);
    expect(last()?.bytes).toBe(5);
  });

  it('is an input of a hand-written handler that says so, and of no other', async () => {
    expect((await app.post('/own', form({ title: 'Own', file: blob(mega) }))).body).toEqual({ id: 'd-1' });
    expect((await sentFile('file')).equals(mega)).toBe(true);
    expect((await app.post('/own', form({ title: 'O', file: blob('x') }))).body).toMatchObject({
      status: 400,
      errors: [{ pointer: '/body/title' }],
    });
    if (platform !== 'Express') expect((await app.post('/plain', form({ title: 'Own' }))).status).toBe(415);
  });
});
