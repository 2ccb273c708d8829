import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entityTag, isNoneMatch } from './entity-tag.js';
import { KnownTags } from './known-tags.js';

const tag = entityTag(Buffer.from('{}'));

describe('an entity tag', () => {
  it('is a quoted text that the bytes alone decide', () => {
    expect(tag).toMatch(/^"[\w-]{27}"$/);
    expect(entityTag(Buffer.from('{}'))).toBe(tag);
    expect(entityTag(Buffer.from('{ }'))).not.toBe(tag);
  });
});

describe('If-None-Match', () => {
  it.each([
    ['*', true],
    [' * ', true],
    [tag, true],
    [`W/${tag}`, true],
    [`"a", ${tag}`, true],
    [`"a",${tag},"b"`, true],
    [`"a, ${tag.slice(1)}`, false],
    [`, ,${tag} ,`, true],
    ['"with, a comma", W/"x"', false],
    ['', false],
    [undefined, false],
    [`${tag} "b"`, false],
    [`w/${tag}`, false],
    [tag.slice(1, -1), false],
    [`"a", ${tag}, oops`, false],
    [`*, ${tag}`, false],
  ])('%s: %s', (field, expected) => {
    expect(isNoneMatch(field, tag)).toBe(expected);
  });

  it('finds a tag in every list that has it, and in no other', () => {
    const opaque = fc.string({ unit: fc.constantFrom('a', 'b', ',', '!', '*', '~', 'W', '/', '#'), maxLength: 5 });
    const listed = fc.tuple(fc.constantFrom('', 'W/'), opaque).map(([weak, text]) => ({ weak, text }));
    fc.assert(
      fc.property(
        fc.array(listed, { minLength: 1 }),
        opaque,
        fc.constantFrom(',', ', ', ' ,\t'),
        (list, own, comma) => {
          const field = list.map(({ weak, text }) => `${weak}"${text}"`).join(comma);
          expect(isNoneMatch(field, `"${own}"`)).toBe(list.some(({ text }) => text === own));
        },
      ),
    );
  });

  it('is read in a time that grows with its length alone', () => {
    const long = '"'.repeat(8_000);
    expect(isNoneMatch(long, tag)).toBe(false);
    expect(isNoneMatch(','.repeat(8_000), tag)).toBe(false);
    expect(isNoneMatch(`${' '.repeat(8_000)}x`, tag)).toBe(false);
  });
});

describe('the tags that a process knows', () => {
  it('are bounded: those that were not asked for the longest go first', () => {
    const tags = new KnownTags(3);
    for (const name of ['a', 'b', 'c']) tags.add(name, `"${name}"`);
    tags.find('a');
    tags.add('d', '"d"');
    expect(tags.size).toBe(3);
    expect(tags.find('b')).toBeUndefined();
    expect(tags.find('a')).toBe('"a"');
  });
});
