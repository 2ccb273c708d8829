import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const libs = join(import.meta.dirname, '../../libs');

/** Words of the storefront. A lib that uses one of them depends on one application. */
const words =
  /\b(?:catalogues?|carts?|products?|skus?|shipments?|parcels?|storefronts?|banners?|wishlists?|checkouts?)\b/i;

/** Code only: an example in a comment may be about a shop. */
const withoutComments = (source: string): string =>
  source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');

/** Contracts of the storefront live in `upstreams`; the sandbox has its data and behaviour in `seed`, and plays it by default. */
const isItsPlace = (path: string): boolean =>
  path.startsWith('upstreams/') || path.startsWith('sandbox/src/seed/') || path === 'sandbox/src/sandbox.ts';

const sources = readdirSync(libs, { recursive: true, encoding: 'utf8' }).filter(
  (path) =>
    /^[^/]+\/src\/.*\.ts$/.test(path) &&
    !/\.(?:spec|spec-d|bench)\.ts$/.test(path) &&
    !path.includes('/fixtures/') &&
    !isItsPlace(path),
);

describe('the libs', () => {
  it('do not use words of the storefront', () => {
    expect(sources.length).toBeGreaterThan(100);
    const knowing = sources.flatMap((path) => {
      const found = words.exec(withoutComments(readFileSync(join(libs, path), 'utf8')));
      return found === null ? [] : [`${path}: ${found[0]}`];
    });
    expect(knowing).toEqual([]);
  });
});

const root = join(libs, '..');
const written = ['apps', 'libs', 'templates', 'test', 'packaging'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[cm]?[jt]s$/.test(path) && !/\.gen\.|(?:^|\/)(?:node_modules|dist)\//.test(path))
    .map((path) => `${folder}/${path}`),
);

/** Words that open a question or a relative clause. */
const openers = /^(?:what(?:ever)?|whether|where(?:ver)?|who(?:ever|se|m)?|how|why|which)\b/i;

/** Comments of several lines, and lines of comments that follow each other, with the place of each in the text. */
const comments = /\/\*\*?([^]*?)\*\/|(?<=^|\s)\/\/([^\n]*(?:\n[ \t]*\/\/[^\n]*)*)/g;

/** Names of tests that stand alone or open a sentence. Those inside a group continue it: `where no service answers`. */
const names = /^(?:describe|it|test)(?:\.\w+)*(?:\([^\n]*\))?\(\s*['"`]([^\n]*)/gm;

/** The place and the beginning of each text that opens with one of these words. */
function opening(pattern: RegExp): readonly string[] {
  return written.flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return [...text.matchAll(pattern)].flatMap((match) => {
      const words = (match[1] ?? match[2] ?? '').replaceAll(/^\s*(?:\*|\/\/)?\s*/gm, '').trim();
      const line = text.slice(0, match.index).split('\n').length;
      return openers.test(words) ? [`${path}:${line} ${words.slice(0, 60)}`] : [];
    });
  });
}

describe('prose for readers whose first language is not English', () => {
  const advice = 'open with a subject: "The time for which ...", "The reason why ...", "True if ..." for a flag';

  it('has no comment that opens with a question word or a relative clause', () => {
    expect(written.length).toBeGreaterThan(1000);
    expect(opening(comments), advice).toEqual([]);
  });

  it('has no test with such a name', () => {
    expect(opening(names), advice).toEqual([]);
  });
});
