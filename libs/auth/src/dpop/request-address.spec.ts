import { describe, expect, it } from 'vitest';
import { addressOf, comparableAddress } from './request-address.js';

const base = 'https://shop.example/bff';

describe('the address of a request', () => {
  it.each([
    ['/me', `${base}/me`],
    ['/me?a=/x', `${base}/me`],
    ['/m%65/%2f/%C3%A4', `${base}/me/%2F/%C3%A4`],
    ['//evil.example/me', 'https://shop.example/bff//evil.example/me'],
    ['/..//me', 'https://shop.example//me'],
    ['http://evil.example/me', undefined],
    ['*', undefined],
    ['', undefined],
  ])('%j is %j', (target, address) => {
    expect(addressOf(base, target)).toBe(address);
  });
});

describe('two addresses', () => {
  it.each([
    ['https://shop.example', 'https://shop.example/', true],
    ['https://shop.example:443/a', 'https://SHOP.example/a?b#c', true],
    ['https://shop.example/%7Ea', 'https://shop.example/~a', true],
    ['https://shop.example/%2fa', 'https://shop.example/%2Fa', true],
    ['https://shop.example/%2Fa', 'https://shop.example//a', false],
    ['https://shop.example/a', 'https://shop.example/A', false],
    ['https://shop.example/a', 'https://shop.example/a/', false],
  ])('%s and %s are the same: %s', (one, other, isSame) => {
    expect(comparableAddress(one) === comparableAddress(other)).toBe(isSame);
  });
});
