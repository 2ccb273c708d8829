import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deltaOf, deltaType } from '../../libs/gateway/src/validators/deltas.js';
import { sender } from '../../libs/generator/src/sdk/runtime/client.js';
import type { Fetch, Kept, Operation } from '../../libs/generator/src/sdk/runtime/types.js';

const home: Operation = { method: 'GET', path: '/home', codes: '', deltas: true };

/** A screen whose responses are these, one after another; it writes them as the gateway does. Undefined: no connection. */
function screenOf(responses: readonly (object | undefined)[]) {
  const left = [...responses];
  const sent: number[] = [];
  const fetch: Fetch = (_, { headers }) => {
    const response = left.shift();
    if (response === undefined) return Promise.reject(new Error('no connection'));
    const { body, isDelta, digests } = deltaOf(
      JSON.stringify(response),
      headers['frontage-have'] ?? 'no merging client',
    );
    sent.push(body.length);
    const type = isDelta ? deltaType : 'application/json';
    return Promise.resolve(
      new Response(body, {
        headers: { 'content-type': type, ...(digests !== undefined && { 'frontage-digests': digests }) },
      }),
    );
  };
  return { fetch, sent };
}

const clientOf = (fetch: Fetch, keep = new Map<string, Kept>()) => {
  const send = sender({ baseUrl: 'https://bff.test', fetch, keep });
  return () => send<unknown, never, never>(home, {}, undefined);
};

describe('a client that keeps responses', () => {
  it('has the whole response after every change of its parts', async () => {
    const name = fc.oneof(
      fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '1'),
      fc.string({ unit: 'binary' }),
    );
    const body = fc.uniqueArray(fc.tuple(name, fc.jsonValue({ maxDepth: 3 })), {
      selector: ([key]) => key,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 6 }), async (bodies) => {
        const wholes = bodies.map((members) => Object.fromEntries(members));
        const ask = clientOf(screenOf(wholes).fetch);
        for (const whole of wholes) {
          const result = await ask();
          // Text, because that has the order of the members too.
          expect(result.kind === 'complete' && JSON.stringify(result.data)).toBe(JSON.stringify(whole));
        }
      }),
    );
  });

  it('gets a few bytes where nothing, or little, has changed', async () => {
    const banners = Array.from({ length: 50 }, (_, id) => ({ id, title: `Offer number ${id}` }));
    const { fetch, sent } = screenOf([
      { name: 'Ada', banners },
      { name: 'Ada', banners },
      { name: 'Bob', banners },
    ]);
    const ask = clientOf(fetch);
    for (let index = 0; index < 3; index++) await ask();
    expect(sent[0]).toBeGreaterThan(1_500);
    expect(sent.slice(1)).toEqual([34, 40]);
  });

  it('gives the last response with its age where a request fails, and none that another request had', async () => {
    const keep = new Map<string, Kept>();
    const { fetch } = screenOf([{ name: 'Ada' }, undefined, undefined]);
    const ask = clientOf(fetch, keep);
    expect(await ask()).toMatchObject({ kind: 'complete' });
    for (const [key, kept] of keep) keep.set(key, { ...kept, at: kept.at - 60_000 });
    const failed = await ask();
    expect(failed).toMatchObject({ kind: 'failed', reason: 'network', last: { data: { name: 'Ada' } } });
    expect(failed.kind === 'failed' && failed.last?.ageMs).toBeGreaterThanOrEqual(60_000);
    const other = await sender({ baseUrl: 'https://bff.test', fetch, keep })(home, { query: { page: 2 } }, undefined);
    expect(other).toMatchObject({ kind: 'failed' });
    expect(other).not.toHaveProperty('last');
  });

  it('works as without a store where the store fails', async () => {
    const { fetch } = screenOf([{ name: 'Ada' }]);
    const keep = {
      get: () => Promise.reject(new Error('no room')),
      set: () => {
        throw new Error('no room');
      },
    };
    const send = sender({ baseUrl: 'https://bff.test', fetch, keep });
    expect(await send(home, {}, undefined)).toMatchObject({ kind: 'complete', data: { name: 'Ada' } });
  });

  it('keeps nothing of a write, and sends the field to screens with deltas alone', async () => {
    const fields: (string | undefined)[] = [];
    const keep = new Map<string, Kept>();
    const fetch: Fetch = (_, { headers }) => {
      fields.push(headers['frontage-have']);
      return Promise.resolve(new Response('{}', { headers: { 'content-type': 'application/json' } }));
    };
    const send = sender({ baseUrl: 'https://bff.test', fetch, keep });
    await send({ ...home, method: 'POST' }, {}, undefined);
    expect(keep.size).toBe(0);
    await send({ method: 'GET', path: '/home', codes: '' }, {}, undefined);
    await send(home, {}, undefined);
    expect(fields).toEqual([undefined, undefined, '']);
  });
});
