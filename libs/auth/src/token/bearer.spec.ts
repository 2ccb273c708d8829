import fc from 'fast-check';
import { ProblemError } from '@frontage/core';
import { describe, expect, it } from 'vitest';
import { bearerOf } from './bearer.js';

describe('the Authorization header', () => {
  it.each([
    ['Bearer abc.def-_~+/', 'abc.def-_~+/'],
    ['bearer abc==', 'abc=='],
    ['BEARER   abc', 'abc'],
    [undefined, undefined],
  ])('%j holds the token %j', (header, token) => {
    expect(bearerOf(header)).toBe(token);
  });

  it.each([
    '',
    ' ',
    'Bearer',
    'Bearer ',
    'Bearer  ',
    'Bearer a b',
    'Bearer a,b',
    'Bearer a, Bearer b',
    'Bearer "a"',
    'Bearer a=b',
    'Bearer\ta',
    ' Bearer a',
    'Bearer a ',
    'Basic YTpi',
    'BearerX a',
    'abc',
    'Bearer ä',
    'Bearer a\n',
    `Bearer ${'a'.repeat(9_000)}`,
    'DPoP abc',
  ])('%j is refused', (header) => {
    expect(() => bearerOf(header)).toThrow(
      expect.objectContaining({
        code: 'GW_UNAUTHENTICATED',
        options: expect.objectContaining({ headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }),
      }),
    );
  });

  it('gives a token or a refusal, and never another outcome', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `Bearer ${text}`),
        ),
        (header) => {
          try {
            expect(bearerOf(header)).toMatch(/^[A-Za-z0-9\-._~+/]+=*$/);
          } catch (error) {
            if (!(error instanceof ProblemError)) throw error;
          }
        },
      ),
    );
  });
});
