import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { channels, type Warning } from '@frontage/core';
import { DnsServer } from '@frontage/testing/dns-server';
import { ManualClock } from '@frontage/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { NameResolver } from './name-resolver.js';
import type { NameOptions } from './names.options.js';

let server: DnsServer;
let folder: string;
beforeEach(async () => {
  server = await DnsServer.start();
  folder = mkdtempSync(join(tmpdir(), 'names-'));
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

function resolverFor(options: NameOptions = {}, resolvConf = '', hosts = ''): NameResolver {
  writeFileSync(join(folder, 'resolv.conf'), resolvConf);
  writeFileSync(join(folder, 'hosts'), hosts);
  const files = { resolvConf: join(folder, 'resolv.conf'), hostsFile: join(folder, 'hosts') };
  const names = new NameResolver({ servers: [server.address], ...files, ...options });
  onTestFinished(() => names.close());
  return names;
}

const found = async (names: NameResolver, name: string): Promise<string[]> =>
  (await names.addresses(name)).map(({ address }) => address);

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );

describe('one name', () => {
  it('is asked for once, for all connections that wait for it', async () => {
    server.replies.set('orders.test', { addresses: ['127.0.0.7'], delayMs: 50 });
    const names = resolverFor();
    const all = await Promise.all(Array.from({ length: 200 }, () => found(names, 'orders.test')));
    expect(new Set(all.flat())).toEqual(new Set(['127.0.0.7']));
    expect(server.asked).toEqual(['orders.test']);
  });

  it('is the same name in capitals, and is asked for again when the time of its records is over', async () => {
    const clock = new ManualClock();
    server.replies.set('orders.test', { addresses: ['127.0.0.7'], ttl: 30 });
    const names = resolverFor({ clock });
    await found(names, 'ORDERS.test');
    await clock.advance(29_999);
    await found(names, 'orders.test');
    expect(server.asked).toHaveLength(1);
    await clock.advance(1);
    server.replies.set('orders.test', { addresses: ['127.0.0.8'], ttl: 30 });
    expect(await found(names, 'orders.test')).toEqual(['127.0.0.8']);
    expect(server.asked).toHaveLength(2);
  });

  it.each([
    ['a time of 0 is a second', 0, 1_000],
    ['a time of a year is five minutes', 31_536_000, 300_000],
  ])('is kept within bounds: %s', async (_, ttl, keptMs) => {
    const clock = new ManualClock();
    server.replies.set('orders.test', { addresses: ['127.0.0.7'], ttl });
    const names = resolverFor({ clock });
    await found(names, 'orders.test');
    await clock.advance(keptMs - 1);
    await found(names, 'orders.test');
    expect(server.asked).toHaveLength(1);
    await clock.advance(1);
    await found(names, 'orders.test');
    expect(server.asked).toHaveLength(2);
  });

  it('follows aliases, and takes the shortest time of the chain', async () => {
    const clock = new ManualClock();
    server.replies.set('www.test', { alias: 'edge.test', ttl: 5 });
    server.replies.set('edge.test', { alias: 'host.test', ttl: 60 });
    server.replies.set('host.test', { addresses: ['127.0.0.9'], ttl: 200 });
    const names = resolverFor({ clock });
    expect(await found(names, 'www.test')).toEqual(['127.0.0.9']);
    await clock.advance(5_000);
    await found(names, 'www.test');
    expect(server.asked).toEqual(['www.test', 'www.test']);
  });

  it('is asked for over TCP if its answer was truncated', async () => {
    const many = Array.from({ length: 40 }, (_, at) => `127.0.1.${at + 1}`);
    server.replies.set('many.test', { truncated: many });
    expect((await found(resolverFor(), 'many.test')).toSorted()).toEqual(many.toSorted());
    expect(server.questions.some(({ over }) => over === 'tcp')).toBe(true);
  });

  it('is not asked for again within five seconds if it does not exist', async () => {
    const clock = new ManualClock();
    const names = resolverFor({ clock });
    for (let at = 0; at < 20; at++) expect(await codeOf(names.addresses('gone.test'))).toBe('ENOTFOUND');
    expect(server.asked).toEqual(['gone.test']);
    await clock.advance(5_000);
    server.replies.set('gone.test', { addresses: ['127.0.0.7'] });
    expect(await found(names, 'gone.test')).toEqual(['127.0.0.7']);
  });

  it.each(['hang', 'servfail', 'refused'] as const)(
    'of a server that says %s costs one question, and fails within its time',
    async (reply) => {
      server.replyToAll = reply;
      const names = resolverFor({ timeoutMs: 300 });
      const began = performance.now();
      const codes = await Promise.all(Array.from({ length: 50 }, () => codeOf(names.addresses('dead.test'))));
      expect(new Set(codes)).toEqual(new Set(['EAI_AGAIN']));
      expect(performance.now() - began).toBeLessThan(1_500);
      expect(server.asked.length).toBeLessThanOrEqual(3);
      const asked = server.asked.length;
      // Not again at once.
      expect(await codeOf(names.addresses('dead.test'))).toBe('EAI_AGAIN');
      expect(server.asked).toHaveLength(asked);
    },
  );

  it.each(['hang', 'servfail', 'refused'] as const)(
    'keeps its last addresses while its server says %s, for a bounded time',
    async (reply) => {
      const clock = new ManualClock();
      server.replies.set('orders.test', { addresses: ['127.0.0.7'], ttl: 10 });
      const names = resolverFor({ clock, staleForMs: 60_000, timeoutMs: 1_000 });
      await found(names, 'orders.test');
      server.replyToAll = reply;
      await clock.advance(10_000);
      const stale = found(names, 'orders.test');
      await clock.advance(100);
      expect(await stale).toEqual(['127.0.0.7']);
      // The question fails, and after that no connection waits.
      await clock.advance(2_000);
      expect(await found(names, 'orders.test')).toEqual(['127.0.0.7']);
      await clock.advance(60_000);
      const late = codeOf(names.addresses('orders.test'));
      await clock.advance(2_000);
      expect(await late).toBe('EAI_AGAIN');
      // The new addresses are used once there are some.
      server.replyToAll = undefined;
      server.replies.set('orders.test', { addresses: ['127.0.0.8'], ttl: 10 });
      await clock.advance(20_000);
      expect(await found(names, 'orders.test')).toEqual(['127.0.0.8']);
    },
  );

  it('has no address from an old answer once the server says that it does not exist', async () => {
    const clock = new ManualClock();
    server.replies.set('orders.test', { addresses: ['127.0.0.7'], ttl: 1 });
    const names = resolverFor({ clock });
    await found(names, 'orders.test');
    server.replies.delete('orders.test');
    await clock.advance(1_000);
    expect(await codeOf(names.addresses('orders.test'))).toBe('ENOTFOUND');
  });

  it('is resolved by the next server while the first one hangs or fails', async () => {
    const second = await DnsServer.start({ 'orders.test': { addresses: ['127.0.0.7'] } });
    onTestFinished(() => second.stop());
    for (const reply of ['hang', 'servfail', 'refused'] as const) {
      server.replyToAll = reply;
      const names = resolverFor({ servers: [server.address, second.address] });
      const began = performance.now();
      expect(await found(names, 'orders.test')).toEqual(['127.0.0.7']);
      expect(performance.now() - began).toBeLessThan(1_500);
    }
  });

  it('has both families, or only one if the question for the other fails', async () => {
    server.replies.set('both.test', { addresses: ['127.0.0.7', '::1', '127.0.0.8'] });
    const names = resolverFor();
    expect((await found(names, 'both.test')).toSorted()).toEqual(['127.0.0.7', '127.0.0.8', '::1']);
    server.replies.set('six.test', { addresses: ['::1'] });
    expect(await found(names, 'six.test')).toEqual(['::1']);
  });

  it('gives each connection another address first', async () => {
    server.replies.set('orders.test', { addresses: ['127.0.0.7', '127.0.0.8'] });
    const names = resolverFor();
    const firsts = [await found(names, 'orders.test'), await found(names, 'orders.test')].map(([first]) => first);
    expect(new Set(firsts).size).toBe(2);
  });
});

describe('the table of names', () => {
  it('resolves a thousand names at once, one question each', async () => {
    server.replyToAll = { addresses: ['127.0.0.7'] };
    const names = resolverFor();
    const all = Array.from({ length: 1_000 }, (_, at) => `s${at}.test`);
    expect((await Promise.all(all.map((name) => found(names, name)))).flat()).toHaveLength(1_000);
    expect(new Set(server.asked).size).toBe(1_000);
  });

  it('is bounded, and keeps the most recently used and the watched names', async () => {
    server.replyToAll = { addresses: ['127.0.0.7'] };
    const names = resolverFor({ maxNames: 10 });
    names.watch('kept.test', { isUsed: () => false, changed: () => undefined });
    for (let at = 0; at < 50; at++) await found(names, `s${at}.test`);
    expect(names.size).toBe(10);
    const asked = server.asked.length;
    await found(names, 's49.test');
    expect(server.asked).toHaveLength(asked);
  });
});

describe('names that are not sent to a server', () => {
  it.each([
    ['localhost', ['127.0.0.1', '::1']],
    ['api.localhost', ['127.0.0.1', '::1']],
    ['LOCALHOST.', ['127.0.0.1', '::1']],
    ['127.0.0.3', ['127.0.0.3']],
    ['::1', ['::1']],
    ['[::1]', ['::1']],
  ])('%s is %j', async (name, addresses) => {
    expect(await found(resolverFor(), name)).toEqual(addresses);
    expect(server.questions).toEqual([]);
  });

  it.each([
    'orders.invalid',
    'x.onion',
    '',
    'a..b',
    '-x.test',
    'a b',
    `${'a'.repeat(64)}.test`,
    '1.2.3',
    '0x7f.1',
    'a/b',
    'ä\u0000.test',
  ])('%j has no address', async (name) => {
    expect(await codeOf(resolverFor().addresses(name))).toBe('ENOTFOUND');
    expect(server.questions).toEqual([]);
  });

  it('are those of the hosts file, which is read again when it has changed', async () => {
    const clock = new ManualClock();
    const names = resolverFor({ clock }, '', '127.0.0.5 db.internal db # the database\n10.0.0.1 localhost\n');
    expect(await found(names, 'db')).toEqual(['127.0.0.5']);
    expect(await found(names, 'DB.internal')).toEqual(['127.0.0.5']);
    // An address of another machine is not used for this machine.
    expect(await found(names, 'localhost')).toEqual(['127.0.0.1', '::1']);
    writeFileSync(join(folder, 'hosts'), '127.0.0.66 db\n');
    utimesSync(join(folder, 'hosts'), 1, 1);
    await clock.advance(5_000);
    expect(await found(names, 'db')).toEqual(['127.0.0.66']);
    expect(server.questions).toEqual([]);
  });
});

describe('short names', () => {
  const search = 'search prod.svc.cluster.test svc.cluster.test\noptions ndots:5\n';

  it('are asked for in the domains of resolv.conf, then as they stand', async () => {
    server.replies.set('orders.svc.cluster.test', { addresses: ['127.0.0.7'] });
    expect(await found(resolverFor({}, search), 'orders')).toEqual(['127.0.0.7']);
    expect(server.asked).toEqual(['orders.prod.svc.cluster.test', 'orders.svc.cluster.test']);
  });

  it('are asked for first in the domain in which they were found', async () => {
    const clock = new ManualClock();
    server.replies.set('api.partner.test', { addresses: ['127.0.0.7'], ttl: 1 });
    const names = resolverFor({ clock }, search);
    await found(names, 'api.partner.test');
    expect(server.asked).toHaveLength(3);
    await clock.advance(1_000);
    await found(names, 'api.partner.test');
    expect(server.asked.slice(3)).toEqual(['api.partner.test']);
  });

  it('are asked for as they stand first with enough dots, and only so with a dot at the end', async () => {
    const names = resolverFor({}, 'search corp.test\noptions ndots:1\n');
    await codeOf(names.addresses('a.b'));
    await codeOf(names.addresses('c.'));
    expect(server.asked).toEqual(['a.b', 'a.b.corp.test', 'c']);
  });

  it('are not asked for in other domains while the server of one domain is silent', async () => {
    server.replies.set('orders.prod.svc.cluster.test', 'hang');
    server.replies.set('orders', { addresses: ['127.0.0.66'] });
    expect(await codeOf(resolverFor({ timeoutMs: 200 }, search).addresses('orders'))).toBe('EAI_AGAIN');
  });
});

describe('a watched name', () => {
  it('is asked for again while it is used, and reports the present addresses', async () => {
    const clock = new ManualClock();
    server.replies.set('orders.test', { addresses: ['127.0.0.7', '127.0.0.8'], ttl: 5 });
    const names = resolverFor({ clock });
    const heard: string[][] = [];
    let used = true;
    const end = names.watch('orders.test', { isUsed: () => used, changed: (addresses) => heard.push([...addresses]) });
    await found(names, 'orders.test');
    server.replies.set('orders.test', { addresses: ['127.0.0.8'], ttl: 5 });
    await clock.advance(5_000);
    await vi.waitFor(() => expect(heard).toEqual([['127.0.0.8']]));
    // More addresses are no reason to end a connection.
    server.replies.set('orders.test', { addresses: ['127.0.0.8', '127.0.0.9'], ttl: 5 });
    await clock.advance(5_000);
    await vi.waitFor(() => expect(server.asked).toHaveLength(3));
    used = false;
    await found(names, 'orders.test');
    await clock.advance(50_000);
    await found(names, 'orders.test');
    expect(server.asked).toHaveLength(4);
    end();
    expect(heard).toHaveLength(1);
  });

  it('keeps connections if each answer has another part of a list', async () => {
    const clock = new ManualClock();
    const names = resolverFor({ clock });
    let changes = 0;
    names.watch('wide.test', { isUsed: () => true, changed: () => changes++ });
    const parts = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.3']];
    for (let at = 0; at < 30; at++) {
      server.replies.set('wide.test', { addresses: parts[at % 3] ?? [], ttl: 1 });
      await found(names, 'wide.test');
      await clock.advance(1_000);
      await vi.waitFor(() => expect(server.asked.length).toBeGreaterThan(at + 1));
    }
    expect(changes).toBeLessThan(8);
  });
});

describe('as the lookup of a connection', () => {
  const listening = async (host: string): Promise<number> => {
    const target = createServer((socket) => socket.end());
    target.listen(0, host);
    await once(target, 'listening');
    onTestFinished(() => void target.close());
    return (target.address() as AddressInfo).port;
  };

  it('gives the next address to try if one is dead (RELIABILITY F22)', async () => {
    const port = await listening('127.0.0.1');
    server.replies.set('orders.test', { addresses: ['127.0.0.99', '127.0.0.1', '::1'] });
    const lookup = resolverFor().lookupWithin(1_000);
    for (let at = 0; at < 4; at++) {
      const socket = connect({ host: 'orders.test', port, lookup });
      await once(socket, 'connect');
      expect(socket.remoteAddress).toBe('127.0.0.1');
      socket.destroy();
    }
  });

  it('answers as dns.lookup does: one address, all, one family', async () => {
    server.replies.set('both.test', { addresses: ['127.0.0.7', '::1'] });
    const lookup = resolverFor().lookupWithin(1_000);
    const ask = (options: object): Promise<unknown[]> =>
      new Promise((resolve) => lookup('both.test', options as { all: true }, (...result) => resolve(result)));
    expect(await ask({ family: 6 })).toEqual([null, '::1', 6]);
    expect(await ask({ family: 4, all: true })).toEqual([null, [{ address: '127.0.0.7', family: 4 }]]);
    server.replies.set('four.test', { addresses: ['127.0.0.7'] });
    const [error] = await new Promise<unknown[]>((resolve) =>
      lookup('four.test', { family: 6, all: true }, (...result) => resolve(result)),
    );
    expect(error).toMatchObject({ code: 'ENOTFOUND', hostname: 'four.test' });
  });

  it('waits no longer than the connection may take', async () => {
    server.replyToAll = 'hang';
    const names = resolverFor({ timeoutMs: 5_000 });
    const began = performance.now();
    const [error] = await once(connect({ host: 'dead.test', port: 1, lookup: names.lookupWithin(120) }), 'error');
    expect(error).toMatchObject({ code: 'EAI_AGAIN' });
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

it('publishes one warning when a name cannot be resolved, and one when it can be again', async () => {
  const said: string[] = [];
  const listener = (message: unknown): void => void said.push((message as Warning).message);
  channels.warning.subscribe(listener);
  onTestFinished(() => {
    channels.warning.unsubscribe(listener);
  });
  const clock = new ManualClock();
  const names = resolverFor({ clock });
  server.replyToAll = 'servfail';
  for (let at = 0; at < 5; at++) {
    await codeOf(names.addresses('orders.test'));
    await clock.advance(20_000);
  }
  server.replyToAll = { addresses: ['127.0.0.7'] };
  await found(names, 'orders.test');
  expect(said).toEqual([
    expect.stringMatching(
      /^the name "orders\.test" cannot be resolved: the name server 127\.0\.0\.1:\d+ answers that it failed \(SERVFAIL\)/,
    ),
    'the name "orders.test" is resolved again',
  ]);
});

describe('a service', () => {
  const name = '_http._tcp.orders.test';

  it('is asked for once, for all that wait for it, and has the places of its records', async () => {
    server.replies.set(name, {
      services: [
        { target: 'a.orders.test', port: 8080, priority: 1, weight: 5 },
        { target: 'b.orders.test', port: 8081, priority: 2, weight: 0 },
      ],
    });
    const names = resolverFor();
    const all = await Promise.all(Array.from({ length: 20 }, () => names.services(name)));
    expect(new Set(all).size).toBe(1);
    expect(all[0]?.toSorted((one, other) => one.port - other.port)).toMatchObject([
      { host: 'a.orders.test', port: 8080, priority: 1, weight: 5 },
      { host: 'b.orders.test', port: 8081, priority: 2, weight: 0 },
    ]);
    expect(server.questions.map(({ type }) => type)).toEqual(['SRV']);
    await names.services(name);
    expect(server.questions).toHaveLength(2);
  });

  it('says whether there is none, or it cannot be told', async () => {
    const names = resolverFor({ timeoutMs: 100 });
    expect(await codeOf(names.services(name))).toBe('ENOTFOUND');
    server.replies.set(name, { services: [] });
    expect(await codeOf(names.services(name))).toBe('ENOTFOUND');
    server.replies.set(name, 'servfail');
    expect(await codeOf(names.services(name))).toBe('EAI_AGAIN');
    server.replies.set(name, 'hang');
    expect(await codeOf(names.services(name))).toBe('EAI_AGAIN');
  });

  it('has 64 places at most', async () => {
    const services = Array.from({ length: 80 }, (_, index) => ({ target: 'a.test', port: 8_000 + index }));
    server.replies.set(name, { services });
    expect(await resolverFor().services(name)).toHaveLength(64);
  });

  it('is not there where its target is the root (RFC 2782)', async () => {
    server.replies.set(name, { services: [{ target: '.', port: 0 }] });
    expect(await codeOf(resolverFor().services(name))).toBe('ENOTFOUND');
  });
});
