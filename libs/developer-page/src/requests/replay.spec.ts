import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { afterEach, describe, expect, it } from 'vitest';
import { BodyCopy, type ExchangeCopy } from './exchange-copy.js';
import { noReplay, replay, replayedId } from './replay.js';

let server: RawServer | undefined;
afterEach(() => server?.stop());

function copyOf(method: string, body: string, requestHeaders: readonly string[] = []): ExchangeCopy {
  const requestBody = new BodyCopy();
  requestBody.add(body, 'utf8');
  return { method, target: '/items?of=a', requestHeaders, requestBody, responseBody: new BodyCopy(), responseHeaders: () => [] }; // prettier-ignore
}

describe('a request that is to be sent again', () => {
  const local = { isLocal: true, url: 'http://127.0.0.1:4001' };

  it('is one that only reads, or one whose upstreams are all on this machine', () => {
    expect(noReplay(copyOf('GET', ''), { ...local, isLocal: false })).toBeUndefined();
    expect(noReplay(copyOf('POST', '{}'), local)).toBeUndefined();
    expect(noReplay(copyOf('POST', '{}'), { ...local, isLocal: false })).toMatch(/^it changes something/);
    expect(noReplay(copyOf('DELETE', ''), { ...local, isLocal: false })).toMatch(/^it changes something/);
  });

  it('is none whose body is not kept as a whole, and none of an app that serves TLS', () => {
    expect(noReplay(copyOf('PUT', 'x'.repeat(300_000)), local)).toMatch(/longer than what is kept/);
    expect(noReplay(copyOf('GET', ''), { ...local, url: 'https://127.0.0.1:4001' })).toBe('the app serves TLS');
  });

  it('is sent as it came, but for its connection and its ids, with a mark that only this process knows', async () => {
    server = await RawServer.start(rawReplies.json({}));
    const headers = [
      'Authorization',
      'Bearer t',
      'X-Request-Id',
      'old',
      'traceparent',
      'old',
      'Connection',
      'close',
      'Host',
      'old',
    ];
    await replay(copyOf('POST', '{"ü":1}', headers), { url: server.url, id: 7, boot: 'word' });
    const [sent] = server.requests;
    expect(sent).toMatchObject({ method: 'POST', target: '/items?of=a', headers: { authorization: 'Bearer t' } });
    expect(sent?.headers).toMatchObject({
      host: new URL(server.url).host,
      'x-frontage-replay': 'word.7',
      'content-length': '8',
    });
    expect(sent?.headers).not.toHaveProperty('x-request-id');
    expect(sent?.headers).not.toHaveProperty('traceparent');
    const marked = { requestHeaders: ['x-frontage-replay', 'word.7'] };
    expect([replayedId(marked, 'word'), replayedId(marked, 'other'), replayedId({ requestHeaders: [] }, 'word')]).toEqual([7, undefined, undefined]); // prettier-ignore
  });
});
