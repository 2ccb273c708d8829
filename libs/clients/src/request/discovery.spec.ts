import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import { NameResolver } from '@frontage/balancing';
import { channels, type Warning } from '@frontage/core';
import { DnsServer, type DnsService } from '@frontage/testing';
import { ManualClock } from '@frontage/testing/manual-clock';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { afterEach, describe, expect, it } from 'vitest';
import { operation, scopeOf } from '../fixtures/operations.js';
import { http, json } from '../fixtures/responses.js';
import { createUpstream, type Upstream, type UpstreamOptions } from '../index.js';

const service = '_http._tcp.orders.test';
const started: (() => unknown)[] = [];
const warnings: string[] = [];
const hear = (message: unknown): unknown => warnings.push((message as Warning).message);
afterEach(async () => {
  channels.warning.unsubscribe(hear);
  warnings.length = 0;
  for (const stop of started.splice(0).toReversed()) await stop();
});

async function serverOf(name: string, reply?: RawReply): Promise<RawServer> {
  const raw = await RawServer.start(reply ?? ((socket) => void socket.write(json(200, name))));
  started.push(() => raw.stop());
  return raw;
}

const placeOf = ({ port }: RawServer, more: Partial<DnsService> = {}): DnsService => ({
  target: 'orders.test',
  port,
  ...more,
});

interface World {
  readonly dns: DnsServer;
  readonly client: Upstream;
  readonly clock: ManualClock;
  /** Changes the records, and lets them be asked for. */
  readonly change: (services: readonly DnsService[]) => Promise<void>;
  readonly value: () => Promise<unknown>;
}

async function worldOf(
  services: readonly DnsService[] | undefined,
  options: Partial<UpstreamOptions> = {},
): Promise<World> {
  channels.warning.subscribe(hear);
  const dns = await DnsServer.start({ 'orders.test': { addresses: ['127.0.0.1'] } });
  if (services !== undefined) dns.replies.set(service, { services });
  const names = new NameResolver({ servers: [dns.address], timeoutMs: 300 });
  const clock = new ManualClock();
  const client = createUpstream(
    'orders',
    { urls: [`http://${service}/base`], timeoutMs: 600_000, ...options },
    { clock, names, httpService: new HttpService(axios.create()) },
  );
  started.push(async () => {
    await client.close();
    names.close();
    await dns.stop();
  });
  const asked = (): number => dns.questions.filter(({ type }) => type === 'SRV').length;
  return {
    dns,
    client,
    clock,
    change: async (next) => {
      dns.replies.set(service, { services: next });
      const before = asked();
      await clock.advance(10_000);
      await expect.poll(asked).toBe(before + 1);
      const wanted = next.map(({ port }) => `http://orders.test:${port}/base`).toSorted();
      await expect
        .poll(() =>
          client
            .addresses()
            .map(({ address }) => address)
            .toSorted(),
        )
        .toEqual(wanted);
    },
    value: async () => {
      const outcome = await client.executor(operation())({}, scopeOf());
      return outcome.ok ? outcome.value : outcome;
    },
  };
}

describe.each(['direct', 'undici', 'axios'] as const)('a service over %s', (transport) => {
  it('has the addresses of its records, for which the first calls wait', async () => {
    const [one, two] = [await serverOf('one'), await serverOf('two')];
    const { value, client } = await worldOf([placeOf(one), placeOf(two)], { transport });
    const values = await Promise.all(Array.from({ length: 10 }, value));
    expect(new Set(values)).toEqual(new Set(['one', 'two']));
    expect(one.requests[0]?.target).toBe('/base/orders');
    expect(one.requests[0]?.headers['host']).toBe(`orders.test:${one.port}`);
    expect(client.addresses()).toMatchObject([{ state: 'in_use' }, { state: 'in_use' }]);
  });

  it('loses no call when addresses come and leave, and drains the connections of those that left', async () => {
    const held: (() => void)[] = [];
    const old = await serverOf('old', (socket) => held.push(() => socket.write(json(200, 'old'))));
    const next = await serverOf('next');
    const { value, change } = await worldOf([placeOf(old)], { transport });
    const underWay = value();
    await expect.poll(() => held.length).toBe(1);
    await change([placeOf(next)]);
    expect(await value()).toBe('next');
    expect(old.openConnections).toBe(1);
    held[0]?.();
    expect(await underWay).toBe('old');
    await expect.poll(() => old.openConnections).toBe(0);
    await change([placeOf(next), placeOf(old)]);
    expect(await value()).toBe('next');
  });
});

describe('a service', () => {
  it('has calls by the weights of its records, of the lowest priority alone', async () => {
    const [heavy, light, spare] = [await serverOf('heavy'), await serverOf('light'), await serverOf('spare')];
    const { value } = await worldOf(
      [
        placeOf(heavy, { priority: 1, weight: 3 }),
        placeOf(light, { priority: 1, weight: 1 }),
        placeOf(spare, { priority: 2 }),
      ],
      { balance: { by: 'round-robin' } },
    );
    for (let call = 0; call < 8; call++) await value();
    expect([heavy, light, spare].map(({ requests }) => requests.length)).toEqual([6, 2, 0]);
  });

  it.each(['hang', 'servfail', 'nxdomain'] as const)(
    'keeps its last addresses while the name servers say %s, and one warning says so',
    async (reply) => {
      const one = await serverOf('one');
      const { value, dns, clock } = await worldOf([placeOf(one)]);
      expect(await value()).toBe('one');
      dns.replies.set(service, reply);
      for (let question = 0; question < 2; question++) {
        const before = dns.questions.length;
        await expect.poll(() => clock.nextInMs).toBe(10_000);
        await clock.advance(10_000);
        await expect.poll(() => dns.questions.length).toBeGreaterThan(before);
      }
      await expect.poll(() => warnings).toEqual([expect.stringContaining('its last addresses stay in use')]);
      expect(await value()).toBe('one');
    },
  );

  it('that is not there fails its calls at once and as not sent, until it is there', async () => {
    const one = await serverOf('one');
    const { value, change } = await worldOf(undefined);
    expect(await value()).toMatchObject({
      status: 'error',
      unsent: true,
      detail: expect.stringContaining(service) as string,
    });
    expect(await value()).toMatchObject({ status: 'error', unsent: true });
    await change([placeOf(one)]);
    expect(await value()).toBe('one');
  });

  it('has a call that waits for its name server end at the deadline', async () => {
    const { client, dns } = await worldOf([]);
    dns.replyToAll = 'hang';
    const context = scopeOf();
    const call = client.executor(operation())({}, context);
    context.cancellation.cancel('client_gone');
    expect(await call).toMatchObject({ status: 'skipped' });
  });

  it('has its addresses checked, those that come too', async () => {
    const well: RawReply = (socket, { target }) =>
      void socket.write(target.endsWith('/healthz') ? http(204, {}) : json(200, 'well'));
    const ill: RawReply = (socket, { target }) =>
      void socket.write(target.endsWith('/healthz') ? http(503, {}) : json(200, 'ill'));
    const [one, two] = [await serverOf('', well), await serverOf('', ill)];
    const { client, change, clock, value } = await worldOf([placeOf(one)], {
      health: { path: '/healthz', unhealthyAfter: 1, everyMs: 1_000 },
    });
    expect(await value()).toBe('well');
    await change([placeOf(one), placeOf(two)]);
    await expect
      .poll(async () => {
        // Less than a check may take.
        await clock.advance(100);
        return client.addresses()[1]?.state;
      })
      .toBe('unhealthy');
    await client.close();
    expect(clock.timerCount).toBe(0);
  });

  it.each([
    [{ urls: [`http://${service}`, 'http://a.test'] }, 'orders: urls names a service, which stands alone'],
    [{ urls: [`http://${service}:80`] }, 'orders: urls names a service with a port, which its records have'],
    [{ urls: [`http://${service}`] }, 'orders: urls names a service, which needs names'],
    [
      { urls: ['http://a.test'], operations: { getOrder: { urls: [`http://${service}`] } } },
      'orders.getOrder: urls of an operation cannot name a service',
    ],
    [
      { urls: [`http://${service}`], balance: { weights: [1] } },
      'orders: balance.weights and balance.groups are not used with a service',
    ],
  ])('is refused where it cannot be (%#)', (options, message) => {
    expect(() => createUpstream('orders', options, { clock: new ManualClock() })).toThrow(message);
  });
});
