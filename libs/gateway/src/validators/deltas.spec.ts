import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deltaOf } from './deltas.js';
import { membersOf } from './members.js';

const objects = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 12 });

describe('the members of a text', () => {
  it('are those that a parser finds, however the text is spaced and spelled', () => {
    fc.assert(
      fc.property(objects, fc.constantFrom('', ' ', '\n\t'), fc.boolean(), (value, space, isEscaped) => {
        const spaced = JSON.stringify(value, undefined, space);
        const text = isEscaped
          ? spaced.replaceAll(/[^\x20-\x7e\n\t]/gu, (letter) =>
              Array.from(
                { length: letter.length },
                (_, at) => `\\u${letter.charCodeAt(at).toString(16).padStart(4, '0')}`,
              ).join(''),
            )
          : spaced;
        const found = membersOf(`${space} ${text}${space}`)?.map((one) => [
          JSON.parse(one.name),
          JSON.parse(one.value),
        ]);
        expect(found).toEqual(Object.entries(JSON.parse(text)));
      }),
    );
  });

  it('are none of what is no object', () => {
    for (const text of ['[]', '[{"a":1}]', '"{}"', 'null', '']) expect(membersOf(text), text).toBeUndefined();
    expect(membersOf('{ }')).toEqual([]);
  });
});

describe('a delta', () => {
  const whole = JSON.stringify({
    greeting: 'Good morning, Ada',
    banners: [{ id: 1, title: 'Offers of the week' }],
    points: 7,
  });
  const have = deltaOf(whole, '').digests ?? '';

  it('has the members that have changed, and the names of the others, in the order of the whole', () => {
    const next = whole.replace('Ada', 'Bob');
    const delta = deltaOf(next, have);
    expect(delta.isDelta).toBe(true);
    expect(delta.body).toBe('{"members":[["greeting","Good morning, Bob"],["banners"],["points"]]}');
    expect(delta.digests).toBe(deltaOf(next, '').digests);
  });

  it('is the whole for a client that holds nothing of it, or where nothing would be saved', () => {
    expect(deltaOf(whole, '')).toMatchObject({ body: whole, isDelta: false });
    expect(deltaOf(whole, 'x y z')).toMatchObject({ body: whole, isDelta: false });
    const short = '{"a":1}';
    expect(deltaOf(short, deltaOf(short, '').digests ?? '')).toMatchObject({ body: short, isDelta: false });
  });

  it('is never made of another member with the same value', () => {
    const one = JSON.stringify({ first: 'a long text that two members have', second: 'another one of them' });
    const other = JSON.stringify({ second: 'a long text that two members have', first: 'another one of them' });
    expect(deltaOf(other, deltaOf(one, '').digests ?? '').isDelta).toBe(false);
  });

  it('is bounded: 256 members, and as many digests', () => {
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`m${index}`, index])));
    expect(deltaOf(many, '')).toEqual({ body: many, isDelta: false, digests: undefined });
    expect(deltaOf(whole, `${have} ${'x'.repeat(5_000)}`).isDelta).toBe(false);
  });
});
