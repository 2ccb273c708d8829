import { Body, Controller, Get, Post } from '@nestjs/common';
import { Access, Public } from '@frontage/auth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';

const reached: unknown[] = [];

@Controller()
class Orders {
  @Post('open')
  @Public()
  open(@Body() body: unknown): unknown {
    reached.push(body);
    return { body };
  }
  @Get('open')
  @Public()
  show(): string {
    reached.push('show');
    return 'open';
  }
  @Post('mine')
  @Access({ scope: 'order:write' })
  mine(): string {
    reached.push('mine');
    return 'mine';
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({
    controllers: [Orders],
    upstreams: '',
    policy: `${takesTokens}limits: { maxBody: 64KiB, headersTimeout: 1s, requestTimeout: 2s }\n`,
  });
});
beforeEach(() => {
  reached.length = 0;
});
afterAll(() => app?.stop());

const json = 'content-type: application/json\r\n';
const post = (headers: string, body = '{}'): string => `POST /open HTTP/1.1\r\nhost: x\r\n${json}${headers}\r\n${body}`;
const behind = post('content-length: 2\r\n');
const statuses = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

describe('a request that is pipelined behind a refusal that closes', () => {
  it.each([
    ['two tokens', 'GET /open HTTP/1.1\r\nhost: x\r\nauthorization: a\r\nauthorization: b\r\n\r\n', 400],
    ['two hosts', 'GET /open HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n', 400],
    ['no host', 'GET /open HTTP/1.1\r\n\r\n', 400],
    ['an unknown expectation', 'GET /open HTTP/1.1\r\nhost: x\r\nexpect: 300-more\r\n\r\n', 400],
    ['a coding that is not known', post('transfer-encoding: gzip, chunked\r\n', '2\r\n{}\r\n0\r\n\r\n'), 400],
    ['a declared size beyond the limit', post('content-length: 100000\r\n', 'x'.repeat(100_000)), 413],
    [
      'a large body without a token',
      `POST /mine HTTP/1.1\r\nhost: x\r\n${json}content-length: 50000\r\n\r\n${'x'.repeat(50_000)}`,
      401,
    ],
    [
      'a chunked body without a token',
      `POST /mine HTTP/1.1\r\nhost: x\r\n${json}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
      401,
    ],
    [
      'a large body to no route',
      `POST /none HTTP/1.1\r\nhost: x\r\n${json}content-length: 50000\r\n\r\n${'x'.repeat(50_000)}`,
      404,
    ],
  ])('is not carried out: %s', async (_, refused, status) => {
    const answer = await app.send(refused + behind + behind);
    expect(statuses(answer)).toEqual([status]);
    expect(answer).toContain('application/problem+json');
    expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n');
    expect(reached).toEqual([]);
  });

  it('is not carried out where it is no request either, and the refusal arrives', async () => {
    const answer = await app.send(
      'GET /open HTTP/1.1\r\nhost: x\r\nauthorization: a\r\nauthorization: b\r\n\r\n\0\0\0',
    );
    expect(statuses(answer)).toEqual([400]);
    expect(answer).toContain('stands there twice');
  });
});

describe('a request that is pipelined behind another refusal', () => {
  it('is carried out: the connection stays', async () => {
    const refused = `POST /mine HTTP/1.1\r\nhost: x\r\n${json}content-length: 2\r\n\r\n{}`;
    const answer = await app.send(refused + post('content-length: 2\r\nconnection: close\r\n'));
    expect(statuses(answer)).toEqual([401, 201]);
    expect(reached).toEqual([{}]);
  });
});

describe('a request that HTTP/1.1 does not have (RFC 9112)', () => {
  const chunks = '2\r\n{}\r\n0\r\n\r\n';
  it.each([
    [
      'HTTP/1.0 with a transfer coding',
      `POST /open HTTP/1.0\r\nhost: x\r\n${json}transfer-encoding: chunked\r\n\r\n${chunks}`,
    ],
    ['HTTP/0.9', 'GET /open HTTP/0.9\r\nhost: x\r\n\r\n'],
    ['HTTP/2.0', 'GET /open HTTP/2.0\r\nhost: x\r\n\r\n'],
    ['HTTP/1.2', 'GET /open HTTP/1.2\r\nhost: x\r\n\r\n'],
    ['HTTP/3.0', 'GET /open HTTP/3.0\r\nhost: x\r\n\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no version', 'GET /open\r\n\r\n'],
    ['gzip, chunked', post('transfer-encoding: gzip, chunked\r\n', chunks)],
    ['chunked, gzip', post('transfer-encoding: chunked, gzip\r\n', chunks)],
    ['chunked twice', post('transfer-encoding: chunked, chunked\r\n', chunks)],
    ['chunked in two fields', post('transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n', chunks)],
    ['identity', post('transfer-encoding: identity\r\n', '')],
    ['identity, chunked', post('transfer-encoding: identity, chunked\r\n', chunks)],
    ['gzip', post('transfer-encoding: gzip\r\n', '')],
    ['x-chunked', post('transfer-encoding: xchunked\r\n', chunks)],
    ['an empty coding', post('transfer-encoding: \r\n', chunks)],
    ['chunked with a parameter', post('transfer-encoding: chunked;q=1\r\n', chunks)],
    ['a length besides', post('transfer-encoding: chunked\r\ncontent-length: 2\r\n', chunks)],
  ])('is refused, and closes: %s', async (_, bytes) => {
    const answer = await app.send(bytes + behind);
    expect(statuses(answer)).toEqual([400]);
    expect(answer).toContain('application/problem+json');
    expect(reached).toEqual([]);
  });

  it.each(['chunked', 'Chunked', 'CHUNKED'])('is taken where the coding is written so: %s', async (coding) => {
    const answer = await app.send(post(`transfer-encoding: ${coding}\r\nconnection: close\r\n`, chunks));
    expect(statuses(answer)).toEqual([201]);
  });

  it('is taken in HTTP/1.0 with a length, and without a host', async () => {
    const answer = await app.send(`POST /open HTTP/1.0\r\n${json}content-length: 2\r\n\r\n{}`);
    expect(statuses(answer)).toEqual([201]);
  });
});

describe('the framing of chunks', () => {
  const zeros = '0'.repeat(70_000);
  it.each([
    ['a size of 70,000 digits', `${zeros}2\r\n{}\r\n0\r\n\r\n`],
    ['a last chunk of 70,000 digits', `2\r\n{}\r\n${zeros}\r\n\r\n`],
    ['an extension of 70,000 characters', `2;${'x'.repeat(70_000)}\r\n{}\r\n0\r\n\r\n`],
    ['a trailer of 70,000 characters', `2\r\n{}\r\n0\r\nx: ${'x'.repeat(70_000)}\r\n\r\n`],
    ['many extensions', `${Array.from({ length: 30 }, () => `1;${'x'.repeat(4000)}\r\n1\r\n`).join('')}0\r\n\r\n`],
    ['many sizes with zeros', `${Array.from({ length: 30 }, () => `${'0'.repeat(4000)}1\r\n1\r\n`).join('')}0\r\n\r\n`],
    ['a size that no number holds', `${'f'.repeat(17)}\r\n{}\r\n0\r\n\r\n`],
    ['a size with a sign', '+2\r\n{}\r\n0\r\n\r\n'],
    ['a size with a space', ' 2\r\n{}\r\n0\r\n\r\n'],
    ['a size in hexadecimal notation', '0x2\r\n{}\r\n0\r\n\r\n'],
    ['no size', '\r\n{}\r\n0\r\n\r\n'],
    ['a bare line feed', '2\n{}\r\n0\r\n\r\n'],
  ])('is refused where it is more than it carries, or no framing: %s', async (_, chunks) => {
    const answer = await app.send(post('transfer-encoding: chunked\r\n', chunks));
    expect([400, 413, 431]).toContain(statuses(answer)[0]);
    expect(reached).toEqual([]);
  });

  it('is ended where a size never ends', async () => {
    const answer = await app.send(post('transfer-encoding: chunked\r\n', '0'.repeat(400_000)));
    expect([400, 408]).toContain(statuses(answer)[0]);
    expect(reached).toEqual([]);
  });

  it('may be one byte in each chunk, over many packets and behind other requests', async () => {
    const text = `"${'x'.repeat(30_000)}"`;
    const chunks = `${text.replaceAll(/./g, '1\r\n$&\r\n')}0\r\n\r\n`;
    const one = post('transfer-encoding: chunked\r\n', chunks);
    const last = post('transfer-encoding: chunked\r\nconnection: close\r\n', chunks);
    expect(statuses(await app.send(behind + one + last))).toEqual([201, 201, 201]);
    expect(reached).toHaveLength(3);
  });
});
