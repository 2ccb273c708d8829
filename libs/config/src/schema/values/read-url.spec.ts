import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUrl } from './read-url.js';

const web = { protocols: ['http:', 'https:'], base: true } as const;
const redis = { protocols: ['redis:', 'rediss:'], userInfo: true, path: 'database' } as const;

describe('a base address', () => {
  it.each([
    ['http://orders.test', 'http://orders.test'],
    ['https://orders.test:8443/api/', 'https://orders.test:8443/api'],
    ['HTTP://Orders.Test', 'HTTP://Orders.Test'],
    ['http://my_service:80', 'http://my_service:80'],
    ['http://orders.test.:65535', 'http://orders.test.:65535'],
    ['http://127.0.0.1:1', 'http://127.0.0.1:1'],
    ['http://[::1]:8080/v2', 'http://[::1]:8080/v2'],
    ['http://[2001:DB8::1]', 'http://[2001:DB8::1]'],
    ['http://[::ffff:10.0.0.1]', 'http://[::ffff:10.0.0.1]'],
    ['http://xn--bcher-kva.test', 'http://xn--bcher-kva.test'],
    ['http://a.test/%C3%A4', 'http://a.test/%C3%A4'],
  ])('is %s', (found, value) => {
    expect(readUrl(found, web)).toEqual({ value });
  });

  it.each([
    ['http://::1:8080', 'brackets'],
    ['http://::1', 'brackets'],
    ['http://2001:db8::1', 'brackets'],
    ['http://fe80::1%eth0:80', 'brackets'],
    ['http://[fe80::1%25eth0]', 'zone'],
    ['http://[10.0.0.1]', 'IPv6 address in its brackets'],
    ['http://[::1', 'has'],
    ['http://a.test:0', 'port from 1 to 65535'],
    ['http://a.test:01', 'port from 1 to 65535'],
    ['http://a.test:99999', 'port from 1 to 65535'],
    ['http://a.test:', 'port from 1 to 65535'],
    ['http://a.test:http', 'port from 1 to 65535'],
    ['http://a.test:80:80', 'one host and one port'],
    ['http://a.test:-1', 'port from 1 to 65535'],
    ['http://a b.test', 'blank'],
    [' http://a.test', 'blank'],
    ['http://a.test\n', 'line break'],
    ['http://a.te\tst', 'blank'],
    ['http://a.test\u200b', 'invisible'],
    ['\ufeffhttp://a.test', 'invisible'],
    ['http://user@a.test', 'no user name'],
    ['http://user:pw@a.test', 'no user name'],
    ['http://@a.test', 'no user name'],
    ['http://a.test#x', 'without "?" and "#"'],
    ['http://a.test?x', 'without "?" and "#"'],
    ['http://a.test/../admin', '".."'],
    ['http://a.test/a/./b', '".."'],
    ['http://a.test/%2e%2E/b', '".."'],
    ['http://a.test/..', '".."'],
    ['http://a.test/100%', '%25'],
    ['http://a.test\\b', '"/" where'],
    ['http://bücher.test', 'ASCII'],
    ['http://a.test/ü', 'ASCII'],
    ['http://2130706433', 'four decimal'],
    ['http://0x7f.1', 'four decimal'],
    ['http://127.1', 'four decimal'],
    ['http://0177.0.0.1', 'four decimal'],
    ['http://a..test', 'letters, digits'],
    ['http://-a.test', 'letters, digits'],
    [`http://${'a'.repeat(64)}.test`, 'letters, digits'],
    ['http://a,b.test', 'letters, digits'],
    ['http://%41.test', 'letters, digits'],
    ['http://', 'has a host'],
    ['http:///a', 'has a host'],
    [`http://a.test/${'a'.repeat(3_000)}`, 'not longer'],
    ['http:/a.test', 'begins with'],
    ['http:a.test', 'begins with'],
    ['//a.test', 'begins with'],
    ['a.test:8080', 'begins with'],
    ['ftp://a.test', 'begins with'],
    ['file:///etc/passwd', 'begins with'],
    ['tcp://10.0.0.1:80', 'begins with'],
    ['javascript://x', 'begins with'],
    ['', 'begins with'],
    [7, 'begins with'],
    [null, 'begins with'],
  ])('is not %j', (found, said) => {
    expect(readUrl(found, web)).toEqual({ expected: expect.stringContaining(said) as string });
  });

  it('that is accepted means the same to every parser, and a refusal never repeats it', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'http://',
        'https://',
        '@',
        ':',
        '/',
        '..',
        '[',
        ']',
        '::1',
        '%',
        '%2e',
        '#',
        '?',
        'a.test',
        '80',
        '\\',
        ' ',
        'ü',
        '\u0000',
      ),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const found = `http://${pieces.join('')}`;
        const reading = readUrl(found, web);
        if (!('value' in reading)) return;
        const url = new URL(reading.value);
        const [, host = '', path = ''] = /^https?:\/\/([^/]*)(.*)$/i.exec(reading.value) ?? [];
        expect(host.toLowerCase().replace(/:0*80$/, '')).toBe(url.host.replace(/:80$/, ''));
        expect(url.pathname.replace(/\/$/, '')).toBe(path);
        expect(url.username + url.password + url.search + url.hash).toBe('');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the address of Redis', () => {
  it.each([
    'redis://localhost',
    'redis://localhost:6379/',
    'rediss://user:p%40ss%2Fw%23rd@cache.test:6380/2',
    'redis://:secret@[::1]:6379',
    'redis://frontage:pw@cache.test:6379/2?family=6',
  ])('is %s', (found) => {
    expect(readUrl(found, redis)).toEqual({ value: found });
  });

  it.each([
    ['redis://', 'host'],
    ['redis://:6379', 'host'],
    ['redis://::1:6379', 'brackets'],
    ['redis://cache.test:0', 'port'],
    ['redis://cache.test:abc', 'port'],
    ['redis://:pa/ss@cache.test', 'port'],
    ['redis://:pa#ss@cache.test', '%'],
    ['redis://:p%zz@cache.test', 'percent-encoded'],
    ['redis://:p@ss@cache.test', 'percent-encoded'],
    ['redis://ca che.test', 'blank'],
    ['redis://cache.test/orders', 'database'],
    ['redis://cache.test/1/2', 'database'],
    ['cache.test:6379', 'begins with redis://'],
    ['http://cache.test', 'begins with redis://'],
    ['redis:cache.test', 'begins with redis://'],
  ])('is not %s', (found, said) => {
    expect(readUrl(found, redis)).toEqual({ expected: expect.stringContaining(said) as string });
  });
});
