import { BlockList } from 'node:net';
import { test } from 'vitest';
import { AddressList } from './address-list.js';

/**
 * Run with `npx vitest bench libs/throttling`.
 * The question whether an address is on a list of 100,000 networks: its cost here, and in the BlockList of Node with a hundredth of them.
 */
const networks = Array.from({ length: 100_000 }, (_, i) => `${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/28`);
const list = await AddressList.read(networks.join('\n'), 'deny.txt');
const known = new BlockList();
for (const network of networks.slice(0, 1_000)) known.addSubnet(network.slice(0, -3), 28);

test('an address that is on no list', async ({ bench }) => {
  await bench.compare(
    bench('Frontage, 100,000 networks, IPv4', () => void list.has('203.0.113.9')),
    bench('Frontage, 100,000 networks, IPv6', () => void list.has('2001:db8::9')),
    bench('BlockList of Node, 1,000 networks, IPv4', () => void known.check('203.0.113.9')),
  );
});
