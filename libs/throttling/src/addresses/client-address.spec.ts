import fc from 'fast-check';
import { BlockList, isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { addressKey, addressKeyOf, clientAddress, trustedProxies } from './client-address.js';

describe('H7: the address of the client', () => {
  const none = trustedProxies(0);
  const two = trustedProxies(2);
  const ours = trustedProxies(['10.0.0.0/8', '192.168.1.1', '2001:db8:1::/48']);

  it('is that of the socket for each header of an untrusted peer', () => {
    expect(clientAddress('198.51.100.7', '127.0.0.1', none)).toBe('198.51.100.7');
    expect(clientAddress('198.51.100.7', '127.0.0.1', ours)).toBe('198.51.100.7');
    expect(clientAddress('198.51.100.7', undefined, two)).toBe('198.51.100.7');
  });

  it.each<[string, string | string[], string]>([
    ['as many entries from the right as there are proxies', '1.1.1.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['no more than there are', '203.0.113.9', '203.0.113.9'],
    ['headers that came in several lines', ['1.1.1.1', '203.0.113.9', '10.0.0.2'], '203.0.113.9'],
    ['nothing beyond what is no address', '203.0.113.9, unknown', '10.0.0.1'],
    ['nothing from an empty header', '', '10.0.0.1'],
  ])('is read from %s', (_what, header, address) => {
    expect(clientAddress('10.0.0.1', header, two)).toBe(address);
  });

  it.each<[string, string]>([
    ['6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['203.0.113.9, 10.9.9.9, 192.168.1.1', '203.0.113.9'],
    ['203.0.113.9, 192.168.1.2', '192.168.1.2'],
    ['[2001:db8:2::1]:443', '2001:db8:2::1'],
    ['203.0.113.9:8080', '203.0.113.9'],
    ['2001:db8:1::5', '2001:db8:1::5'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['203.0.113.9, ::ffff:10.1.2.3', '203.0.113.9'],
    ["203.0.113.9, '; DROP TABLE", '10.0.0.1'],
    ['203.0.113.9, [10.0.0.3', '10.0.0.1'],
    ['0x7f.1', '10.0.0.1'],
    ['010.0.0.1', '10.0.0.1'],
    ['203.0.113.9, ::10.1.2.3', '::10.1.2.3'],
    ['203.0.113.9, 64:ff9b::10.1.2.3', '203.0.113.9'],
  ])('is the nearest address that is no trusted proxy: %s', (header, address) => {
    expect(clientAddress('10.0.0.1', header, ours)).toBe(address);
    expect(clientAddress('::ffff:10.0.0.1', header, ours)).toBe(address);
  });

  it('is empty for a Unix socket, and its peer is trusted only by count', () => {
    expect(clientAddress(undefined, '203.0.113.9', ours)).toBe('');
    expect(clientAddress(undefined, '203.0.113.9', trustedProxies(1))).toBe('203.0.113.9');
  });

  it('is always an address, for any header', () => {
    const entry = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string());
    fc.assert(
      fc.property(fc.array(entry), fc.constantFrom(none, two, ours), (entries, trusted) => {
        expect(isIP(clientAddress('10.0.0.1', entries.join(','), trusted))).not.toBe(0);
      }),
    );
  });

  it('cannot be changed by the entries that the client itself wrote', () => {
    fc.assert(
      fc.property(fc.string(), (invented) => {
        expect(clientAddress('10.0.0.1', `${invented}, 203.0.113.9`, trustedProxies(1))).toBe('203.0.113.9');
        expect(clientAddress('10.0.0.1', `${invented}, 203.0.113.9`, ours)).toBe('203.0.113.9');
      }),
    );
  });

  it.each([
    '10.0.0.0/33',
    '2001:db8::/129',
    'proxy.local',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '',
    '10.0.0.0/x',
  ])('is not read with %j as a trusted network', (entry) => {
    expect(() => trustedProxies([entry])).toThrow('is no address or network; write it as');
  });

  it.each([
    ['::ffff:10.0.0.0/104', '10.9.9.9', '11.0.0.1'],
    ['::ffff:0:0/96', '10.9.9.9', '2001:db8::1'],
    ['2001:db8::/33', '2001:db8:7fff::1', '2001:db8:8000::1'],
    ['192.0.2.128/25', '192.0.2.129', '192.0.2.127'],
    ['192.0.2.1/32', '::ffff:192.0.2.1', '192.0.2.2'],
    ['2001:db8::1', '2001:db8:0::1', '2001:db8::2'],
    ['fe80::/10', 'fe80::1%eth0', '2001:db8::1'],
    ['0.0.0.0/0', '203.0.113.9', '2001:db8::1'],
    ['::/0', '203.0.113.9', 'unknown'],
  ])('trusts in %s the peer %s, and not %s', (network, inside, outside) => {
    const trusted = trustedProxies([network]);
    expect([trusted(inside, 0), trusted(outside, 0)]).toEqual([true, false]);
  });

  it('is trusted exactly by the networks in which the BlockList of Node has it', () => {
    const network = fc.oneof(
      fc.record({ address: fc.ipV4(), bits: fc.integer({ min: 0, max: 32 }) }),
      fc.record({ address: fc.ipV6(), bits: fc.integer({ min: 0, max: 128 }) }),
    );
    const peer = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('10.0.0.1'), fc.constant('::ffff:10.0.0.1'));
    const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
    fc.assert(
      fc.property(network, peer, ({ address, bits }, one) => {
        const list = new BlockList();
        list.addSubnet(address, bits, family(address));
        expect(trustedProxies([`${address}/${bits}`])(one, 0)).toBe(list.check(one, family(one)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is not read behind a number of proxies below 0 or in fractions', () => {
    expect(() => trustedProxies(-1)).toThrow(RangeError);
    expect(() => trustedProxies(0.5)).toThrow(RangeError);
  });
});

describe('the key by which an address is counted', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '192.0.2.1'],
    ['64:ff9b:1::192.0.2.1', '64:ff9b:1:0'],
    ['::192.0.2.1', '0:0:0:0'],
    ['unknown', 'unknown'],
    [':', ':'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1'],
    ['2001:DB8:0:1::', '2001:db8:0:1'],
    ['2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1'],
    ['2001:db8:0:2::1', '2001:db8:0:2'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
  ])('%s: %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });

  it.each([
    [56, '2001:db8:0:1ff::1', '2001:db8:0:100::2', '2001:db8:0:200::1'],
    [48, '2001:db8:1:ffff::1', '2001:db8:1::2', '2001:db8:2::1'],
    [60, '2001:db8:0:10::1', '2001:db8:0:1f::1', '2001:db8:0:20::1'],
    [33, '2001:db8:7fff::1', '2001:db8::1', '2001:db8:8000::1'],
    [128, '2001:db8::1', '2001:db8:0::1', '2001:db8::2'],
    [48, '::ffff:192.0.2.1', '192.0.2.1', '192.0.2.2'],
  ])('with a prefix of %i bits, %s is counted with %s and not with %s', (bits, one, same, other) => {
    const keyOf = addressKeyOf(bits);
    expect(keyOf(one)).toBe(keyOf(same));
    expect(keyOf(one)).not.toBe(keyOf(other));
  });

  it.each([0, 129, 64.5, Number.NaN])('has no prefix of %d bits', (bits) => {
    expect(() => addressKeyOf(bits)).toThrow('write a whole number of bits from 1 to 128');
  });

  it('is the same exactly for the addresses that a network of so many bits has', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), fc.integer({ min: 1, max: 128 }), (network, address, bits) => {
        const list = new BlockList();
        list.addSubnet(network, bits, 'ipv6');
        const keyOf = addressKeyOf(bits);
        // Addresses that stand for IPv4 are counted as such.
        fc.pre(
          keyOf(network).includes(':') === keyOf(address).includes(':') && !/^(?:::ffff:|64:ff9b::)/.test(network),
        );
        expect(keyOf(address) === keyOf(network)).toBe(list.check(address, 'ipv6'));
      }),
    );
  });

  it('is the same for all spellings of an IPv6 network', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
        expect(addressKey(address)).toBe(addressKey(canonical));
      }),
    );
  });
});
