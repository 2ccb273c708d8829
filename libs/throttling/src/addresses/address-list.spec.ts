import fc from 'fast-check';
import { BlockList, isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AddressList, maxEntries } from './address-list.js';

const read = (...lines: string[]): Promise<AddressList> => AddressList.read(lines.join('\n'), 'deny.txt');

describe('a list of addresses', () => {
  it.each<[string[], string[], string[]]>([
    [['192.0.2.1'], ['192.0.2.1', '::ffff:192.0.2.1'], ['192.0.2.2', '192.0.2.0', '2001:db8::1', '']],
    [
      ['10.0.0.0/8', '10.1.0.0/16'],
      ['10.0.0.0', '10.1.2.3', '10.255.255.255'],
      ['9.255.255.255', '11.0.0.0'],
    ],
    [['2001:db8::/32'], ['2001:db8::1', '2001:db8:ffff::'], ['2001:db9::', '2001:db7:ffff::', '10.0.0.1']],
    [['0.0.0.0/0'], ['203.0.113.9', '0.0.0.0', '255.255.255.255'], ['2001:db8::1']],
    [['::/0'], ['203.0.113.9', '2001:db8::1', 'fe80::1%eth0'], ['unknown', '']],
    [
      ['192.0.2.128/25', '192.0.2.0/26'],
      ['192.0.2.200', '192.0.2.63'],
      ['192.0.2.64', '192.0.2.127'],
    ],
    [[], [], ['192.0.2.1', '::1']],
    [
      ['192.0.2.1'],
      [],
      ['192.0.2', '192.0.2.1.1', '192.0.2.', '.192.0.2.1', '192.0..1', '192.0.2.256', '1e1.0.2.1', '192.0.2.1 '],
    ],
  ])('%j has %j, and not %j', async (lines, inside, outside) => {
    const list = await read(...lines);
    expect(inside.filter((address) => !list.has(address))).toEqual([]);
    expect(outside.filter((address) => list.has(address))).toEqual([]);
  });

  it('takes comments, empty lines and lines of Windows', async () => {
    const list = await read('# partners', '', '192.0.2.1 # depot\r', '   2001:db8::/32\t\r', '#192.0.2.2');
    expect(list.size).toBe(2);
    expect(['192.0.2.1', '2001:db8::1', '192.0.2.2'].map((address) => list.has(address))).toEqual([true, true, false]);
  });

  it('has exactly the addresses that the BlockList of Node has, for any networks', () => {
    const network = fc.oneof(
      fc.record({ address: fc.ipV4(), bits: fc.integer({ min: 0, max: 32 }) }),
      fc.record({ address: fc.ipV4(), bits: fc.integer({ min: 20, max: 32 }) }),
      fc.record({ address: fc.ipV6(), bits: fc.integer({ min: 0, max: 128 }) }),
    );
    const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
    return fc.assert(
      fc.asyncProperty(
        fc.array(network, { maxLength: 30 }),
        fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 20 }),
        async (networks, addresses) => {
          const list = await read(...networks.map(({ address, bits }) => `${address}/${bits}`));
          const known = new BlockList();
          for (const { address, bits } of networks) known.addSubnet(address, bits, family(address));
          for (const address of [...addresses, ...networks.map((one) => one.address)])
            expect([address, list.has(address)]).toEqual([address, known.check(address, family(address))]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('names each bad line with its file and number, and no more than a few of many', async () => {
    await expect(read('192.0.2.1', '10.0.0.0/33', 'proxy.local # no name', '::1/129')).rejects.toThrow(
      'deny.txt:2: "10.0.0.0/33" is no address or network; write 10.1.2.3, 10.0.0.0/8 or 2001:db8::/32\ndeny.txt:3: "proxy.local" is',
    );
    await expect(read(...Array.from({ length: 50 }, () => 'x'))).rejects.toThrow(/deny.txt:5: .*\nand 45 more$/);
  });

  it('has a bound on its entries', { timeout: 60_000 }, async () => {
    const one = (i: number): string => `${10 + (i >> 24)}.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
    const full = Array.from({ length: maxEntries }, (_, i) => one(2 * i));
    const list = await read(full.join('\n'));
    expect(list.size).toBe(maxEntries);
    expect([list.has(one(0)), list.has(one(1)), list.has(one(2 * maxEntries - 2))]).toEqual([true, false, true]);
    await expect(read(full.join('\n'), '9.9.9.9')).rejects.toThrow(
      `deny.txt:${maxEntries + 1}: a list has at most ${maxEntries} entries`,
    );
  });
});
