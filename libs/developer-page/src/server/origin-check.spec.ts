import { describe, expect, it } from 'vitest';
import { refusalOf } from './origin-check.js';

const host = 'localhost:5001';
const json = { 'content-type': 'application/json' };

describe('a request for the data of the page', () => {
  it.each([
    ['of a program', {}, false],
    ['of the page', { 'sec-fetch-site': 'same-origin' }, false],
    ['that a person types', { 'sec-fetch-site': 'none' }, false],
    [
      'of the page that changes something',
      { origin: `http://${host}`, 'sec-fetch-site': 'same-origin', ...json },
      true,
    ],
    ['of a program that changes something', json, true],
  ])('%s is let in', (_, headers, isAction) => {
    expect(refusalOf({ headers: { host, ...headers } }, isAction)).toBeUndefined();
  });

  it.each([
    ['of another site', { origin: 'https://evil.example', ...json }],
    ['of another port of this machine', { origin: 'http://localhost:4001', ...json }],
    ['of this port by another name', { origin: 'http://127.0.0.1:5001', ...json }],
    ['of a page without an origin', { origin: 'null', ...json }],
    ['of another site, as the browser says', { 'sec-fetch-site': 'cross-site', ...json }],
    ['of another port, as the browser says', { 'sec-fetch-site': 'same-site', ...json }],
    ['of a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['of a form with text', { 'content-type': 'text/plain' }],
    ['without a type', {}],
  ])('that changes something is refused where it is one %s', (_, headers) => {
    expect(refusalOf({ headers: { host, ...headers } }, true)).toMatch(
      /^(?:A page of another site|Send application\/json)/,
    );
  });

  it('is refused to other sites where it only reads, too', () => {
    expect(refusalOf({ headers: { host, origin: 'http://localhost:4001' } }, false)).toBeDefined();
    expect(refusalOf({ headers: { host, 'sec-fetch-site': 'cross-site' } }, false)).toBeDefined();
  });
});
