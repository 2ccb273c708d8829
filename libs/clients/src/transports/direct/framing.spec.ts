import { describe, expect, it } from 'vitest';
import { compared } from './fixtures/disagreement.js';

const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;
const inner = `${ok}content-length: 5\r\n\r\nowned`;

/** The response is refused before its head is told, in its body, or it is taken and its connection closed or kept. */
type Verdict = 'refused' | 'refused in its body' | 'closed' | 'kept';

/** RELIABILITY H1 and F6, on the side of responses: each row is a way to make two readers find different borders. */
const cases: readonly (readonly [name: string, verdict: Verdict, bytes: string])[] = [
  ['a length and chunks', 'refused', `${ok}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inner}`],
  ['chunks and a length', 'refused', `${ok}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n`],
  [
    'a length of 0 and chunks',
    'refused',
    `${ok}content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
  ],
  ['two equal lengths', 'refused', `${ok}content-length: 2\r\ncontent-length: 2\r\n\r\nhi`],
  ['two lengths', 'refused', `${ok}content-length: 2\r\nContent-Length: 40\r\n\r\nhi${inner}`],
  ['a list of equal lengths', 'refused', `${ok}content-length: 2, 2\r\n\r\nhi`],
  ['a length with a sign', 'refused', `${ok}content-length: +2\r\n\r\nhi`],
  ['a length in hexadecimal', 'refused', `${ok}content-length: 0x2\r\n\r\nhi`],
  ['a length with a blank in it', 'refused', `${ok}content-length: 2 2\r\n\r\nhi`],
  ['a length with a tab behind it', 'refused', `${ok}content-length: 2\t\r\n\r\nhi`],
  ['a length with an exponent', 'refused', `${ok}content-length: 1e1\r\n\r\n0123456789`],
  ['a length of other digits', 'refused', `${ok}content-length: \xd9\xa2\r\n\r\nhi`],
  ['a length that wraps at 2^64', 'refused', `${ok}content-length: 18446744073709551618\r\n\r\nhi`],
  ['a length that is folded', 'refused', `${ok}content-length: 2\r\n 0\r\n\r\nhi`],
  ['a length behind a blank', 'refused', `${ok}content-length : 2\r\n\r\nhi`],
  ['a length in a folded field', 'refused', `${ok}x: a\r\n content-length: 2\r\n\r\nhi`],
  ['a length with zeros before it', 'kept', `${ok}content-length: 002\r\n\r\nhi`],
  ['another spelling of the name', 'closed', `${ok}content_length: 2\r\n\r\nhi`],
  ['chunked behind another coding', 'refused', `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['chunked before another coding', 'refused', `${ok}transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
  ['identity', 'refused', `${ok}transfer-encoding: identity\r\ncontent-length: 2\r\n\r\nhi`],
  ['chunked twice', 'refused', `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
  [
    'chunked and identity in two fields',
    'refused',
    `${ok}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n`,
  ],
  ['chunked in quotes', 'refused', `${ok}transfer-encoding: "chunked"\r\n\r\n0\r\n\r\n`],
  ['chunked with a parameter', 'refused', `${ok}transfer-encoding: chunked;a=b\r\n\r\n0\r\n\r\n`],
  ['chunked with an empty member', 'refused', `${ok}transfer-encoding: ,chunked\r\n\r\n0\r\n\r\n`],
  ['chunked behind a vertical tab', 'refused', `${ok}transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n`],
  ['chunked before a tab', 'refused', `${ok}transfer-encoding: chunked\t\r\n\r\n0\r\n\r\n`],
  ['chunked before a blank', 'kept', `${ok}transfer-encoding: chunked  \r\n\r\n0\r\n\r\n`],
  ['chunked behind a blank before the colon', 'refused', `${ok}transfer-encoding : chunked\r\n\r\n0\r\n\r\n`],
  ['chunked that is folded', 'refused', `${ok}transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
  ['chunks of HTTP/1.0', 'closed', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'],
  ['a bare line feed at the end of the status line', 'refused', 'HTTP/1.1 200 OK\ncontent-length: 0\r\n\r\n'],
  ['a bare line feed between fields', 'refused', `${ok}x: a\ncontent-length: 0\r\n\r\n`],
  ['a bare carriage return between fields', 'refused', `${ok}x: a\rcontent-length: 0\r\n\r\n`],
  ['bare line feeds at the end of its head', 'refused', `${ok}content-length: 0\n\n`],
  ['NUL in a field', 'refused', `${ok}x: a\0b\r\ncontent-length: 0\r\n\r\n`],
  ['NUL in a name', 'refused', `${ok}x\0: a\r\ncontent-length: 0\r\n\r\n`],
  ['a blank before its first field', 'refused', `${ok} x: a\r\ncontent-length: 0\r\n\r\n`],
  ['a blank line before it', 'refused', `\r\n${inner}`],
  ['a chunk size with a prefix', 'refused in its body', `${chunked}0x2\r\nhi\r\n0\r\n\r\n`],
  ['a chunk size with a sign', 'refused in its body', `${chunked}+2\r\nhi\r\n0\r\n\r\n`],
  ['a chunk size that wraps at 2^64', 'refused in its body', `${chunked}10000000000000002\r\nhi\r\n0\r\n\r\n`],
  ['a blank before a chunk size', 'refused in its body', `${chunked} 2\r\nhi\r\n0\r\n\r\n`],
  ['a blank behind a chunk size', 'refused in its body', `${chunked}2 \r\nhi\r\n0\r\n\r\n`],
  ['a chunk size that ends in a bare line feed', 'refused in its body', `${chunked}2\nhi\r\n0\r\n\r\n`],
  ['a chunk size that ends in a bare carriage return', 'refused in its body', `${chunked}2\rhi\r\n0\r\n\r\n`],
  ['an empty chunk size', 'refused in its body', `${chunked}\r\nhi\r\n0\r\n\r\n`],
  ['an empty extension', 'refused in its body', `${chunked}2;\r\nhi\r\n0\r\n\r\n`],
  ['an extension with a bare line feed', 'refused in its body', `${chunked}2;a\nxx\r\nhi\r\n0\r\n\r\n`],
  ['an extension with a quote that does not end', 'refused in its body', `${chunked}2;a="\r\nhi\r\n0\r\n\r\n`],
  [
    'an extension with a line end in quotes',
    'refused in its body',
    `${chunked}2;a="\r\n0\r\n\r\n${inner}"\r\nhi\r\n0\r\n\r\n`,
  ],
  ['extensions', 'kept', `${chunked}2;a;b=c;d="e;\\"f"\r\nhi\r\n0;last\r\n\r\n`],
  ['a chunk that is longer than its size', 'refused in its body', `${chunked}1\r\nhi\r\n0\r\n\r\n`],
  ['a chunk that is shorter than its size', 'refused in its body', `${chunked}3\r\nhi\r\n0\r\n\r\n`],
  ['a chunk behind which a bare line feed stands', 'refused in its body', `${chunked}2\r\nhi\n0\r\n\r\n`],
  ['a last chunk of many zeros', 'refused in its body', `${chunked}000000000\r\n\r\n`],
  ['a last chunk of some zeros', 'kept', `${chunked}2\r\nhi\r\n0000\r\n\r\n`],
  ['a length in its trailer', 'refused in its body', `${chunked}0\r\ncontent-length: 5\r\n\r\nowned`],
  ['chunked in its trailer', 'refused in its body', `${chunked}0\r\ntransfer-encoding: chunked\r\n\r\n`],
  ['close in its trailer', 'closed', `${chunked}0\r\nconnection: close\r\n\r\n`],
  ['a folded trailer', 'refused in its body', `${chunked}0\r\nx: a\r\n b\r\n\r\n`],
  ['a trailer with a bare line feed', 'refused in its body', `${chunked}0\r\nx: a\nb: c\r\n\r\n`],
  ['trailers', 'kept', `${chunked}0\r\nx-sum: 1\r\nset-cookie: a=b\r\n\r\n`],
  ['no length', 'closed', `${ok}\r\n${inner}`],
  ['no length, and keep-alive', 'closed', `${ok}connection: keep-alive\r\nkeep-alive: timeout=60\r\n\r\n${inner}`],
  ['a 204 that declares a body', 'closed', 'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n'],
  ['a 304 that declares chunks', 'closed', 'HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n'],
  ['a 205 without a length', 'closed', 'HTTP/1.1 205 Reset Content\r\n\r\n'],
  ['100 before it', 'refused', `HTTP/1.1 100 Continue\r\n\r\n${inner}`],
  ['101 in its place', 'refused', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'],
  [
    'an interim response that ends the connection',
    'refused',
    `HTTP/1.1 103 Early Hints\r\nconnection: close\r\n\r\n${inner}`,
  ],
  ['an interim response of HTTP/1.0', 'refused', `HTTP/1.0 103 Early Hints\r\n\r\n${inner}`],
  ['an interim response that declares a body', 'kept', `HTTP/1.1 103 Early Hints\r\ncontent-length: 5\r\n\r\n${inner}`],
  ['close', 'closed', `${ok}connection: x, close\r\ncontent-length: 0\r\n\r\n`],
  [
    'close behind keep-alive',
    'closed',
    `${ok}connection: keep-alive\r\nConnection: close\r\ncontent-length: 0\r\n\r\n`,
  ],
  ['close for a proxy', 'closed', `${ok}proxy-connection: close\r\ncontent-length: 0\r\n\r\n`],
  [
    'an upgrade that was not asked for',
    'kept',
    `${ok}connection: upgrade\r\nupgrade: h2c\r\ncontent-length: 0\r\n\r\n`,
  ],
  [
    'names that every object has',
    'kept',
    `${ok}__proto__: a\r\nconstructor: b\r\nconstructor: c\r\ncontent-length: 0\r\n\r\n`,
  ],
  ['another version', 'refused', 'HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n'],
  ['the version of 1992', 'refused', 'HTTP/0.9 200 OK\r\ncontent-length: 0\r\n\r\n'],
  ['another protocol', 'refused', 'RTSP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n'],
  ['a status with more digits', 'refused', 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n'],
];

describe('a response with', () => {
  it.each(cases)('%s is %s', (_name, verdict, text) => {
    const places = [[], Array.from(text, () => 1), ...Array.from(text, (_, at) => [at])];
    for (const cuts of places) {
      const { ours, difference } = compared({ text, cuts, isHead: false });
      expect(difference).toBeUndefined();
      expect(verdictOf(ours)).toBe(verdict);
    }
  });

  it('a second one behind it gives nothing of the second one', () => {
    const { ours, difference } = compared({ text: `${inner}${inner}`, cuts: [], isHead: false });
    expect([ours.body, ours.next, ours.wrong, difference]).toEqual([
      'owned',
      undefined,
      'sent more than it was asked for',
      undefined,
    ]);
  });
});

function verdictOf(ours: ReturnType<typeof compared>['ours']): Verdict {
  if (ours.isComplete) return ours.keepsAlive ? 'kept' : 'closed';
  return ours.status === 0 ? 'refused' : 'refused in its body';
}
