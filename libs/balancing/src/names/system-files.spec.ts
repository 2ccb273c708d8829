import fc from 'fast-check';
import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { candidatesOf, canonicalName } from './candidates.js';
import { readHosts } from './hosts-file.js';
import { readResolvConf } from './resolv-conf.js';

describe('a hosts file', () => {
  it('gives the addresses of a name in their order, and ignores other lines', () => {
    const text = [
      '\ufeff127.0.0.9 bom',
      '127.0.0.1\tlocalhost Loopback. # this machine',
      '::1 localhost',
      '10.0.0.1 DB db.internal',
      '10.0.0.1 db',
      '  10.0.0.2   db  ',
      '#10.0.0.3 db',
      'fe80::1%eth0 router',
      '300.0.0.1 wrong',
      'db 10.0.0.4',
      '10.0.0.5',
    ].join('\r\n');
    expect([...readHosts(text)]).toEqual([
      ['bom', ['127.0.0.9']],
      ['localhost', ['127.0.0.1', '::1']],
      ['loopback', ['127.0.0.1']],
      ['db', ['10.0.0.1', '10.0.0.2']],
      ['db.internal', ['10.0.0.1']],
    ]);
  });

  it('is bounded', () => {
    const text = Array.from({ length: 20_000 }, (_, at) => `10.0.0.1 s${at}`).join('\n');
    expect(readHosts(text).size).toBe(10_000);
  });
});

describe('resolv.conf', () => {
  it('gives servers, search domains and ndots as the C library reads them', () => {
    const text = [
      '; a comment',
      '# nameserver 1.1.1.1',
      'nameserver 10.0.0.2',
      'nameserver fd00::2 # the other one',
      'nameserver fe80::1%eth0',
      'nameserver 10.0.0.9',
      'nameserver nonsense',
      'domain old.test',
      'search Prod.Test. svc.test',
      'options ndots:5 timeout:1',
      'options rotate',
    ].join('\n');
    expect(readResolvConf(text)).toEqual({
      servers: ['10.0.0.2', '[fd00::2]', '[fe80::1%eth0]'],
      search: ['prod.test', 'svc.test'],
      ndots: 5,
    });
  });

  it.each([
    ['', { servers: [], search: [], ndots: 1 }],
    ['search a.test\ndomain b.test', { servers: [], search: ['b.test'], ndots: 1 }],
    ['options ndots:99', { servers: [], search: [], ndots: 15 }],
    ['options ndots:0', { servers: [], search: [], ndots: 0 }],
    ['options ndots:x', { servers: [], search: [], ndots: 1 }],
  ])('%j is read', (text, read) => {
    expect(readResolvConf(text)).toEqual(read);
  });

  it('of any text gives no more than three servers, all of them addresses', () => {
    const word = fc.constantFrom(
      'nameserver',
      'search',
      'options',
      '10.0.0.1',
      '::1',
      'ndots:3',
      '\n',
      ' ',
      '#',
      ';',
      'a.test',
      '\u0000',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const { servers, ndots } = readResolvConf(words.join(' '));
        expect(servers.length).toBeLessThanOrEqual(3);
        for (const server of servers) expect(isIP(server.replace(/^\[|\]$/g, ''))).not.toBe(0);
        expect(ndots).toBeLessThanOrEqual(15);
      }),
    );
  });
});

describe('a name', () => {
  it.each([
    ['orders', 1, ['orders.prod.test', 'orders.test', 'orders']],
    ['orders.prod', 1, ['orders.prod', 'orders.prod.prod.test', 'orders.prod.test']],
    ['orders.prod', 2, ['orders.prod.prod.test', 'orders.prod.test', 'orders.prod']],
    ['orders.prod.', 5, ['orders.prod']],
  ])('%s with ndots:%i is asked for as %j', (name, ndots, candidates) => {
    expect(candidatesOf(name, { search: ['prod.test', 'test'], ndots })).toEqual(candidates);
  });

  it('is asked for in one spelling', () => {
    expect(canonicalName('Bücher.Test')).toBe('xn--bcher-kva.test');
    expect(canonicalName('my_service')).toBe('my_service');
    fc.assert(
      fc.property(fc.string(), (text) => {
        const name = canonicalName(text);
        if (name !== undefined) expect(canonicalName(name)).toBe(name);
      }),
    );
  });
});
