import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathOfOrigin } from './return-to.js';

const origin = 'https://shop.example';

describe('the path after a login', () => {
  it('never leads to another origin, as a browser resolves it', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '@',
      ':',
      '?',
      '#',
      '%2f',
      '%5c',
      '\t',
      '\n',
      'evil.example',
      'http:',
      'a',
      '&',
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
      fc.webUrl(),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (wanted) => {
        const path = pathOfOrigin(wanted, origin);
        if (path === undefined) return;
        expect(new URL(path, origin).origin).toBe(origin);
        expect(path).toMatch(/^\/(?![/\\])/);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['/', '/'],
    ['/a/b?c=d&e=%2F#f', '/a/b?c=d&e=%2F#f'],
    ['/a/../b', '/b'],
    ['/?next=//evil.example', '/?next=//evil.example'],
  ])('%j is %j', (text, path) => {
    expect(pathOfOrigin(text, origin)).toBe(path);
  });
});
