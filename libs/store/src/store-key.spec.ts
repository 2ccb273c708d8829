import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storeNamespace, storePurposes } from './store-key.js';

const purpose = fc.constantFrom(...storePurposes);
const app = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }),
  fc.constantFrom('a', 'a:limits', 'a:limits:v2:', 'a%3Alimits', ':', '%', 'a\n', 'ä', '💡'),
);

describe('the keys of an app for a purpose', () => {
  it('begin with the name of the app and the purpose', () => {
    expect(storeNamespace('mobile', 'limits').key('ada')).toBe('mobile:limits:v2:ada');
    expect(storeNamespace('mobile', 'cache').prefix).toBe('mobile:cache:v3:');
    expect(storeNamespace('a:b', 'cache').key('x')).toBe('a%3Ab:cache:v3:x');
  });

  it('are those of no other app and no other purpose, also with separators in the names', () => {
    fc.assert(
      fc.property(app, purpose, fc.string(), app, purpose, fc.string(), (a, forA, restA, b, forB, restB) => {
        const same = a === b && forA === forB && restA === restB;
        expect(storeNamespace(a, forA).key(restA) === storeNamespace(b, forB).key(restB)).toBe(same);
        if (a !== b || forA !== forB)
          expect(storeNamespace(a, forA).key(restA).startsWith(storeNamespace(b, forB).prefix)).toBe(false);
      }),
    );
  });

  it('need the name of an app', () => {
    for (const name of ['', '\ud800']) expect(() => storeNamespace(name, 'cache')).toThrow('the name of an app is');
  });
});
