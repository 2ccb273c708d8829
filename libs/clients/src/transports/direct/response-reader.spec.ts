import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResponseHeaders } from '../../decode/response-decoder.js';
import { ResponseReader, type ResponseSink } from './response-reader.js';

/** The events of a reader, and its refusals. */
interface Told {
  readonly heads: { readonly status: number; readonly headers: ResponseHeaders }[];
  body: string;
  ends: number;
  keepAliveMs: number | undefined;
  wrong: string | undefined;
}

const buffer = Buffer.alloc(1 << 20);

function read(pieces: readonly string[], hasBody = true, isClosed = false): Told {
  const told: Told = { heads: [], body: '', ends: 0, keepAliveMs: undefined, wrong: undefined };
  const sink: ResponseSink = {
    began: (status, headers) => void told.heads.push({ status, headers }),
    received: (chunk) => void (told.body += chunk.toString('latin1')),
    ended(keepAliveMs) {
      told.ends++;
      told.keepAliveMs = keepAliveMs;
    },
  };
  const reader = new ResponseReader(sink);
  reader.expect(hasBody);
  // One buffer for all that is read, as a connection has it.
  for (const piece of pieces) {
    told.wrong ??= reader.read(buffer.subarray(0, buffer.write(piece, 'latin1')));
    if (told.wrong !== undefined) return told;
    buffer.fill(0x23, 0, piece.length);
  }
  if (isClosed) told.wrong = reader.finish();
  return told;
}

const ok = 'HTTP/1.1 200 OK\r\n';

describe('a response', () => {
  it('has as many bytes as it announces', () => {
    expect(read([`${ok}content-length: 5\r\n\r\nhello`])).toMatchObject({ body: 'hello', ends: 1, keepAliveMs: 4_000 });
  });

  it('has the chunks that come, without their extensions and trailers', () => {
    const chunks = '3;name="v"\r\nhel\r\n2\r\nlo\r\n0\r\nx-sum: 1\r\n\r\n';
    expect(read([`${ok}Transfer-Encoding: Chunked\r\n\r\n${chunks}`])).toMatchObject({ body: 'hello', ends: 1 });
  });

  it('goes on until the connection ends where it announces nothing, and ends it', () => {
    expect(read([`${ok}\r\n`, 'hel', 'lo'], true, true)).toMatchObject({
      body: 'hello',
      ends: 1,
      keepAliveMs: 0,
      wrong: undefined,
    });
  });

  it.each([
    ['HEAD', `${ok}content-length: 5\r\n\r\n`, false],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', true],
    ['304', 'HTTP/1.1 304 Not Modified\r\n\r\n', true],
    ['a length of 0', `${ok}content-length: 0\r\n\r\n`, true],
  ])('has no body for %s', (_name, text, hasBody) => {
    expect(read([text], hasBody)).toMatchObject({ body: '', ends: 1, wrong: undefined });
  });

  it('is the last of those that come, not an interim one', () => {
    const told = read(['HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', `${ok}content-length: 2\r\n\r\nhi`]);
    expect(told).toMatchObject({ heads: [{ status: 200 }], body: 'hi', ends: 1 });
  });

  it('gives the fields that decoding asks for by lower-case name, and several of one name as a list', () => {
    const fields = 'Content-Type:\t application/json \r\nContent-TYPE: a/b\r\nSet-Cookie: a=1\r\nRetry-After:3\r\n';
    const [head] = read([`${ok}${fields}Content-Length: 0\r\n\r\n`]).heads;
    expect(head?.headers).toEqual({
      'content-type': ['application/json', 'a/b'],
      'retry-after': '3',
      'content-length': '0',
    });
  });

  it.each([
    ['connection: close', 0],
    ['Connection: x, Close', 0],
    ['keep-alive: timeout=5\r\nconnection: close', 0],
    ['connection: closed', 4_000],
    ['keep-alive: timeout=30, max=100', 28_000],
    ['keep-alive: timeout=2', 0],
    ['keep-alive: timeout=999999999', 600_000],
  ])('with %j leaves its connection open for %i ms', (fields, keepAliveMs) => {
    expect(read([`${ok}content-length: 0\r\n${fields}\r\n\r\n`]).keepAliveMs).toBe(keepAliveMs);
  });

  it.each([
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', true],
    ['HEAD, which some answer with a body', `${ok}content-length: 5\r\n\r\n`, false],
    ['a 204 that announces a body', 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n', true],
    ['a 304 that announces chunks', 'HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n', true],
  ])('ends its connection for %s', (_name, text, hasBody) => {
    expect(read([text], hasBody)).toMatchObject({ ends: 1, keepAliveMs: 0 });
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a call to go on', `HTTP/1.1 100 Continue\r\n\r\n${ok}content-length: 0\r\n\r\n`],
    ['a change of protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n'],
    ['two equal lengths', `${ok}content-length: 2\r\ncontent-length: 2\r\n\r\nhi`],
    ['a list of lengths', `${ok}content-length: 2, 2\r\n\r\nhi`],
    ['a signed length', `${ok}content-length: +2\r\n\r\nhi`],
    ['a length in hexadecimal', `${ok}content-length: 0x2\r\n\r\nhi`],
    ['no length', `${ok}content-length:\r\n\r\nhi`],
    ['a length and a coding', `${ok}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a coding and a length', `${ok}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n0\r\n\r\n`],
    ['another coding', `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['two codings', `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a folded line', `${ok}x: a\r\n b\r\ncontent-length: 0\r\n\r\n`],
    ['a space before the colon', `${ok}content-length : 0\r\n\r\n`],
    ['a bare line feed', `${ok}x: a\ncontent-length: 0\r\n\r\n`],
    ['a bare carriage return', `${ok}x: a\rcontent-length: 0\r\n\r\n`],
    ['a null', `${ok}x: a\0b\r\ncontent-length: 0\r\n\r\n`],
    ['a line without a colon', `${ok}x\r\n\r\n`],
    ['a chunk without a size', `${ok}transfer-encoding: chunked\r\n\r\n\r\n`],
    ['a signed size', `${ok}transfer-encoding: chunked\r\n\r\n+2\r\nhi\r\n0\r\n\r\n`],
    ['a size beyond what a chunk may have', `${ok}transfer-encoding: chunked\r\n\r\n100000000\r\nhi`],
    ['a size of 70,000 digits', `${ok}transfer-encoding: chunked\r\n\r\n${'0'.repeat(70_000)}2\r\nhi\r\n0\r\n\r\n`],
    ['a size of nine digits', `${ok}transfer-encoding: chunked\r\n\r\n000000002\r\nhi\r\n0\r\n\r\n`],
    ['a size with a prefix', `${ok}transfer-encoding: chunked\r\n\r\n0x2\r\nhi\r\n0\r\n\r\n`],
    ['a size beyond 2^53', `${ok}transfer-encoding: chunked\r\n\r\n20000000000001\r\nhi\r\n0\r\n\r\n`],
    ['a size beyond 2^64', `${ok}transfer-encoding: chunked\r\n\r\n10000000000000002\r\nhi\r\n0\r\n\r\n`],
    ['a negative size', `${ok}transfer-encoding: chunked\r\n\r\n-2\r\nhi\r\n0\r\n\r\n`],
    ['a size behind a blank', `${ok}transfer-encoding: chunked\r\n\r\n 2\r\nhi\r\n0\r\n\r\n`],
    ['a blank behind a size', `${ok}transfer-encoding: chunked\r\n\r\n2 \r\nhi\r\n0\r\n\r\n`],
    ['a size with a separator', `${ok}transfer-encoding: chunked\r\n\r\n0_2\r\nhi\r\n0\r\n\r\n`],
    ['a size that ends in a bare line feed', `${ok}transfer-encoding: chunked\r\n\r\n2\nhi\r\n0\r\n\r\n`],
    ['a bare line feed in an extension', `${ok}transfer-encoding: chunked\r\n\r\n2;a\nb\r\nhi\r\n0\r\n\r\n`],
    ['a chunk shorter than its size', `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhi\r\n0\r\n\r\n${'x'.repeat(9)}`],
    [
      'many chunk extensions',
      `${ok}transfer-encoding: chunked\r\n\r\n${`1;${'x'.repeat(900)}\r\na\r\n`.repeat(20)}0\r\n\r\n`,
    ],
    ['many interim responses', `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(17)}${ok}content-length: 0\r\n\r\n`],
    ['a length beyond 2^53', `${ok}content-length: 9007199254740993\r\n\r\nhi`],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a status with a sign', 'HTTP/1.1 +20 OK\r\ncontent-length: 0\r\n\r\n'],
    ['two blanks before the status', 'HTTP/1.1  200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a version of two digits', 'HTTP/1.10 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a version in lower case', 'http/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a blank line before it', '\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a control character in its reason', 'HTTP/1.1 200 O\x01K\r\ncontent-length: 0\r\n\r\n'],
    ['a chunk longer than its size', `${ok}transfer-encoding: chunked\r\n\r\n1\r\nhi\r\n0\r\n\r\n`],
    ['a folded trailer', `${ok}transfer-encoding: chunked\r\n\r\n0\r\nx: a\r\n b\r\n\r\n`],
    ['more than itself', `${ok}content-length: 2\r\n\r\nhi${ok}content-length: 0\r\n\r\n`],
    ['a head without end', `${ok}${'x: y\r\n'.repeat(5_000)}`],
    ['a head of 17 kB', `${ok}x: ${'y'.repeat(17_000)}\r\n\r\n`],
    ['a chunk extension without end', `${ok}transfer-encoding: chunked\r\n\r\n1;${'x'.repeat(17_000)}`],
    ['a trailer without end', `${ok}transfer-encoding: chunked\r\n\r\n0\r\n${'x: y\r\n'.repeat(5_000)}`],
  ])('is refused with %s', (_name, text) => {
    expect(read([text]).wrong).toMatch(/^(?:sent|does not speak) /);
    // Piece by piece as well.
    expect(read(text.split(/(?=[\r\n:;])/)).wrong).toBeDefined();
  });

  it.each([
    ['before it', ''],
    ['in its head', 'HTTP/1.1 200 OK\r\nconte'],
    ['in its body', `${ok}content-length: 5\r\n\r\nhel`],
    ['before its last chunk', `${ok}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n`],
    ['before its trailer', `${ok}transfer-encoding: chunked\r\n\r\n0\r\n`],
  ])('is refused where the connection ends %s', (_name, text) => {
    expect(read(text === '' ? [] : [text], true, true)).toMatchObject({ ends: 0, wrong: 'other side closed' });
  });

  it('is the same however its bytes arrive', () => {
    const body = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '0', ':', 'HTTP/1.1 200'), maxLength: 40 });
    const answer = fc.oneof(
      body.map((text) => `${ok}content-length: ${text.length}\r\ncontent-type: a/b\r\n\r\n${text}`),
      fc.array(body, { maxLength: 5 }).map((chunks) => {
        const written = chunks
          .filter((text) => text !== '')
          .map((text) => `${text.length.toString(16)}\r\n${text}\r\n`);
        return `HTTP/1.1 102 Processing\r\n\r\n${ok}transfer-encoding: chunked\r\n\r\n${written.join('')}0\r\n\r\n`;
      }),
      body.map((text) => `${ok}x: ${text}\r\n\r\n${text}`),
    );
    const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 8 });
    fc.assert(
      fc.property(answer, cuts, (text, places) => {
        const at = [0, ...places.filter((place) => place < text.length).toSorted((a, b) => a - b), text.length];
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
        expect(read(pieces.filter((piece) => piece !== ''))).toEqual(read([text]));
      }),
      { numRuns: 1_000 },
    );
  });

  it('tells nothing more once it was closed', () => {
    const told: string[] = [];
    const reader = new ResponseReader({
      began() {
        told.push('began');
        reader.close();
      },
      received: () => void told.push('received'),
      ended: () => void told.push('ended'),
    });
    reader.expect(true);
    expect(reader.read(Buffer.from(`${ok}content-length: 2\r\n\r\nhi`))).toBeUndefined();
    expect(told).toEqual(['began']);
  });
});
