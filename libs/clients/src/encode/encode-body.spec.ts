import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SchemaTable, type BodySpec } from '@frontage/core';
import { FilePart, StreamedBody, type EncodedBody, type FilePartOptions } from './body-content.js';
import { compileBody } from './encode-body.js';
import { EncodeError } from './encode-value.js';

const noSchemas = new SchemaTable([]);

const encode = (spec: string | BodySpec, body: unknown, contentType?: string): EncodedBody | undefined =>
  compileBody(typeof spec === 'string' ? { media: [spec] } : spec, noSchemas)(body, contentType);

/** A body that is written at once. */
function written(spec: string | BodySpec, body: unknown): string {
  const content = encode(spec, body)?.content;
  if (typeof content !== 'string') throw new Error('expected text');
  return content;
}

async function bytesOf(encoded: EncodedBody | undefined): Promise<Buffer> {
  const content = encoded?.content ?? '';
  if (!(content instanceof StreamedBody)) return Buffer.from(content);
  const chunks: Buffer[] = [];
  for await (const chunk of content.open() as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The parser of the platform: it has nothing in common with our writer. */
async function formOf(encoded: EncodedBody | undefined): Promise<FormData> {
  const headers = { 'content-type': encoded?.contentType ?? '' };
  return new Response(await bytesOf(encoded), { headers }).formData();
}

async function* ofChunks(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
}

describe('a body travels as the media type', () => {
  const several: BodySpec = { media: ['application/json', 'text/plain', 'image/*'] };

  it('that stands first, unless the caller names another', () => {
    expect(encode(several, { a: 1 })).toEqual({ contentType: 'application/json', content: '{"a":1}' });
    expect(encode(several, 'hi', 'text/plain')).toEqual({ contentType: 'text/plain', content: 'hi' });
    expect(encode(several, Buffer.from('x'), 'image/png')?.contentType).toBe('image/png');
    expect(() => encode(several, 'hi', 'text/html')).toThrow('takes application/json, text/plain, image/*');
    expect(() => encode(several, 'hi', 'image/png\r\nx: y')).toThrow(EncodeError);
  });

  it('is missed only where it is required', () => {
    expect(encode(several, undefined)).toBeUndefined();
    expect(() => encode({ media: ['text/plain'], required: true }, undefined)).toThrow('the body is missing');
  });

  it('of its bytes, where the contract gives a range only', () => {
    expect(encode('image/*', new Blob(['x'], { type: 'image/webp' }))?.contentType).toBe('image/webp');
    expect(encode('image/*', new Blob(['x'], { type: 'text/html' }))?.contentType).toBe('application/octet-stream');
    expect(encode('*/*', { a: 1 })).toEqual({ contentType: 'application/json', content: '{"a":1}' });
  });

  it.each(['application/xml', 'text/csv', 'application/soap+xml', 'application/octet-stream'])(
    '%s as it is',
    (media) => {
      expect(encode(media, '<a/>')).toEqual({ contentType: media, content: '<a/>' });
      expect(encode(media, new Uint8Array([1, 2]))?.content).toEqual(new Uint8Array([1, 2]));
      expect(() => encode(media, { a: 1 })).toThrow(EncodeError);
    },
  );
});

describe('JSON', () => {
  it('says exactly what it was given, or refuses', () => {
    expect(encode('application/vnd.shop+json', { big: 12345678901234567890n, none: null })?.content).toBe(
      '{"big":12345678901234567890,"none":null}',
    );
    const circle: Record<string, unknown> = {};
    circle['circle'] = circle;
    for (const value of [() => 1, Symbol('x'), { a: Number.NaN }, [Number.POSITIVE_INFINITY], circle]) {
      expect(() => encode('application/json', value)).toThrow(EncodeError);
    }
  });
});

describe('lines of JSON', () => {
  it.each([
    ['application/x-ndjson', '{"a":1}\n"b"\n'],
    ['application/json-seq', '\u001E{"a":1}\n\u001E"b"\n'],
  ])('as %s are one per value, also where the values come one by one', async (media, expected) => {
    const values = [{ a: 1 }, 'b'];
    expect(encode(media, values)?.content).toBe(expected);
    const streamed = encode(media, Readable.from(values));
    expect(streamed?.content).toBeInstanceOf(StreamedBody);
    expect(String(await bytesOf(streamed))).toBe(expected);
    expect(() => encode(media, { a: 1 })).toThrow('a list is taken');
  });
});

describe('a form', () => {
  const form = 'application/x-www-form-urlencoded';

  it('is read back by every decoder', async () => {
    const body = { a: '1&b=2', 'c d': ['x', 'y+z'], e: { f: 1 }, g: undefined, h: null };
    expect([...(await formOf(encode(form, body)))]).toEqual([
      ['a', '1&b=2'],
      ['c d', 'x'],
      ['c d', 'y+z'],
      ['e', '{"f":1}'],
    ]);
  });

  it('writes objects in objects and lists as brackets, where the contract says deepObject', () => {
    const spec: BodySpec = { media: [form], encoding: [{ name: 'a', style: 'deepObject', explode: true }] };
    const body = { a: { b: { c: '&', d: ['x', { y: 1 }] }, e: '' }, plain: 1 };
    expect(decodeURIComponent(written(spec, body).replaceAll('%26', '&amp;'))).toBe(
      'a[b][c]=&amp;&a[b][d][0]=x&a[b][d][1][y]=1&a[e]=&plain=1',
    );
  });

  it.each<[object, unknown, string]>([
    [{ style: 'form', explode: false }, ['x', 'y,z'], 'p=x,y%2Cz'],
    [{ style: 'form', explode: true }, ['x', 'y'], 'p=x&p=y'],
    [{ style: 'pipeDelimited', explode: false }, ['x', 'y'], 'p=x%7Cy'],
    [{ style: 'spaceDelimited', explode: false }, ['x', 'y'], 'p=x%20y'],
    [{ allowReserved: true }, 'a/b?c', 'p=a/b?c'],
    [{ contentType: 'application/json' }, ['x', 'y'], 'p=%5B%22x%22%2C%22y%22%5D'],
    [{ contentType: 'text/plain' }, 'x y', 'p=x%20y'],
    [{ style: 'deepObject', explode: true }, [], ''],
  ])('writes a property with the encoding %o', (encoding, value, expected) => {
    const spec: BodySpec = { media: [form], encoding: [{ name: 'p', ...encoding }] };
    expect(encode(spec, { p: value })?.content).toBe(expected);
  });

  it('names the property that it cannot write', () => {
    expect(() => encode(form, { when: Symbol('now') })).toThrow('property "when" of the body holds');
    expect(() => encode(form, [1])).toThrow('the body is a list where an object is taken');
    const itself: Record<string, unknown> = {};
    itself['a'] = itself;
    const deep: BodySpec = { media: [form], encoding: [{ name: 'p', style: 'deepObject' }] };
    expect(() => encode(deep, { p: itself })).toThrow('deeper than 32');
  });

  it('keeps every text, by an independent decoder', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed());
    fc.assert(
      fc.property(fc.dictionary(text, text), (body) => {
        const pairs = new URLSearchParams(written(form, body));
        expect([...pairs]).toEqual(Object.entries(body));
      }),
    );
  });
});

describe('multipart (RFC 7578)', () => {
  const media = 'multipart/form-data';

  it('is read back by an independent parser', async () => {
    const form = await formOf(
      encode(media, {
        name: 'Zoë',
        'a"b\r\nc': '1',
        tags: ['x', 'y'],
        file: new Uint8Array([0, 13, 10, 255]),
        blob: new File(['photo'], 'größe "1".png', { type: 'image/png' }),
        part: new FilePart('a;b', { filename: 'list.csv', contentType: 'text/csv' }),
        meta: { x: 1 },
      }),
    );
    expect([...form.keys()]).toEqual(['name', 'a"b\r\nc', 'tags', 'tags', 'file', 'blob', 'part', 'meta']);
    expect([form.get('name'), form.getAll('tags')]).toEqual(['Zoë', ['x', 'y']]);
    const file = form.get('file');
    expect(file instanceof File && [...new Uint8Array(await file.arrayBuffer())]).toEqual([0, 13, 10, 255]);
    expect(form.get('blob')).toMatchObject({ name: 'größe "1".png', type: 'image/png' });
    expect(form.get('part')).toMatchObject({ name: 'list.csv', type: 'text/csv', size: 3 });
  });

  it('gives every part the type and the headers that the contract gives it', async () => {
    const spec: BodySpec = {
      media: [media],
      encoding: [
        { name: 'meta', contentType: 'application/vnd.meta+json', headers: [{ name: 'X-Version', value: '2' }] },
        { name: 'photo', contentType: 'image/png, image/*' },
        { name: 'ids', contentType: 'application/json' },
        { name: 'note', contentType: 'application/xml' },
      ],
    };
    const text = String(
      await bytesOf(
        encode(spec, {
          meta: { a: 1 },
          photo: [new Blob(['1'], { type: 'image/gif' }), Buffer.from('2')],
          ids: [1, 2],
          note: '<n/>',
          own: new FilePart('x', { headers: { 'X-Checksum': '9' } }),
        }),
      ),
    );
    const parts = text.split(/--frontage-[\w-]+(?:--)?\r\n/).filter(Boolean);
    expect(parts).toEqual([
      'content-disposition: form-data; name="meta"\r\ncontent-type: application/vnd.meta+json\r\nx-version: 2\r\n\r\n{"a":1}\r\n',
      'content-disposition: form-data; name="photo"; filename="photo"\r\ncontent-type: image/gif\r\n\r\n1\r\n',
      'content-disposition: form-data; name="photo"; filename="photo"\r\ncontent-type: image/png\r\n\r\n2\r\n',
      'content-disposition: form-data; name="ids"\r\ncontent-type: application/json\r\n\r\n[1,2]\r\n',
      'content-disposition: form-data; name="note"\r\ncontent-type: application/xml\r\n\r\n<n/>\r\n',
      'content-disposition: form-data; name="own"; filename="own"\r\ncontent-type: application/octet-stream\r\nx-checksum: 9\r\n\r\nx\r\n',
    ]);
  });

  it('reads streams only while it is sent, and knows its length where everyone says theirs', async () => {
    const blobs = encode(media, { file: new Blob(['abc']) })?.content;
    expect(blobs).toMatchObject({ isReplayable: true });
    const sent = await bytesOf(encode(media, { file: new Blob(['abc']) }));
    expect(blobs instanceof StreamedBody && blobs.length).toBe(sent.length);
    const streamed = encode(media, {
      a: '1',
      file: Readable.from([Buffer.from('x'), Buffer.from('y')]),
      gen: ofChunks('z'),
    });
    expect(streamed?.content).toMatchObject({ isReplayable: false, length: undefined });
    const form = await formOf(streamed);
    expect(await Promise.all(['file', 'gen'].map((name) => text(form.get(name))))).toEqual(['xy', 'z']);
  });

  it.each<FilePartOptions>([
    { filename: 'a\u0000b' },
    { headers: { 'content-disposition': 'x' } },
    { headers: { 'x y': 'z' } },
    { headers: { x: 'a\r\nb: c' } },
    { contentType: 'text/plain\r\nx: y' },
  ])('refuses a part with %j', (options) => {
    expect(() => encode(media, { file: new FilePart('x', options) })).toThrow(EncodeError);
  });

  it('keeps every name and text, by an independent parser', async () => {
    // The parser undoes %22, %0D and %0A, which a browser writes for a quote and line ends: what looks like them is not told apart.
    const anything = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed());
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !/%|\p{Cc}/u.test(value));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, anything, { minKeys: 1 }), async (body) => {
        const form = await formOf(encode(media, body));
        expect([...form]).toEqual(Object.entries(body));
      }),
      { numRuns: 50 },
    );
  });
});

async function text(entry: ReturnType<FormData['get']>): Promise<string> {
  return entry instanceof File ? entry.text() : (entry ?? '');
}

describe('a stream that was given to a call', () => {
  it('is closed where nothing was sent', async () => {
    const source = Readable.from(['x']);
    const generator = ofChunks('x');
    const bodies = [source, generator].map((each) => encode('application/octet-stream', each)?.content);
    for (const body of bodies) if (body instanceof StreamedBody) body.close();
    expect(source.destroyed).toBe(true);
    expect(await generator.next()).toEqual({ done: true, value: undefined });
  });

  it('says that it was the source that failed', async () => {
    const content = encode('application/octet-stream', Readable.from(failing()))?.content;
    if (!(content instanceof StreamedBody)) throw new Error('expected a stream');
    await expect(content.open().toArray()).rejects.toThrow('disk');
    expect(content.sourceFailed).toBe(true);
  });
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('x'));
  throw new Error('disk');
}
