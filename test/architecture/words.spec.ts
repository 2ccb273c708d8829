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
