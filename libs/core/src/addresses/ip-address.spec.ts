import fc from 'fast-check';
import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isLoopback, readIpAddress } from './ip-address.js';

describe('an IP address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['::192.0.2.1', '::c000:201'],
    ['::1.2.3.4%eth0', '::102:304'],
    ['::ffff:0:192.0.2.1', '::ffff:0:c000:201'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::', '::'],
  ])('%s is read as %s', (text, address) => {
    expect(readIpAddress(text)?.toString()).toBe(address);
  });

  it.each([
    '',
    '1',
    '127.1',
    '0x7f.0.0.1',
    '010.0.0.1',
    '1.2.3.256',
    '[::1]',
    '::1]',
    '::1%',
    '1.2.3.4:80',
    'a.example',
  ])('is not read from %j', (text) => {
    expect(readIpAddress(text)).toBeUndefined();
  });

  it('is read from a text exactly where Node takes the text for an address, and never throws', () => {
    const unit = fc.constantFrom(...'0123456789abfx.:%[]/ '.split(''));
    const text = fc.oneof(fc.string({ unit, maxLength: 20 }), fc.ipV4Extended(), fc.ipV6(), fc.string());
    fc.assert(
      fc.property(text, (one) => {
        expect(readIpAddress(one) !== undefined).toBe(isIP(one) !== 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('has the bytes that the URL parser reads, for each spelling of IPv6', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const canonical = new URL(`http://[${text}]`).hostname.slice(1, -1);
        expect(readIpAddress(text)?.toByteArray()).toEqual(readIpAddress(canonical)?.toByteArray());
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a loopback host', () => {
  it.each([
    'localhost',
    'LOCALHOST',
    '127.0.0.1',
    '127.255.255.255',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
    '[::ffff:7f00:1]',
  ])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    '',
    'localhost.example',
    '127.0.0.1.example',
    '128.0.0.1',
    '0.0.0.0',
    '::',
    '::127.0.0.1',
    '64:ff9b::127.0.0.1',
    '127.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '[::1',
    'fe80::1',
  ])('is not %j', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
