import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ParameterSpec } from '@frontage/core';
import { compileEncoder } from './encode.js';
import { EncodeError } from './encode-value.js';
import { operation } from '../fixtures/operations.js';

function target(value: unknown, style: Partial<ParameterSpec> = {}, path = '/users/{id}'): string {
  const parameters: ParameterSpec[] = [{ name: 'id', in: 'path', required: true, ...style }];
  return compileEncoder(operation({ path, parameters })).target({ path: { id: value } });
}

/** A server that decodes the path so often, and resolves what it finds. */
function reached(path: string, rounds: number, options: { readonly backslashes: boolean; readonly matrix: boolean }) {
  let decoded = path;
  for (let round = 0; round < rounds; round++) {
    decoded = decoded.replace(/(?:%[0-9A-Fa-f]{2})+/g, (hex) =>
      Buffer.from(hex.replaceAll('%', ''), 'hex').toString('utf8'),
    );
  }
  const kept: string[] = [];
  for (const piece of decoded.split(options.backslashes ? /[/\\]/ : '/').slice(1)) {
    const name = options.matrix ? piece.replace(/;.*/s, '') : piece;
    if (name === '..') kept.pop();
    else if (name !== '.') kept.push(piece);
  }
  return kept;
}

describe('a path value that climbs once it is decoded is refused (A12, A18)', () => {
  it.each([
    '../admin',
    'a/../../admin',
    '/..',
    './x',
    'x/.',
    '..\\admin',
    'a\\..\\..\\admin',
    '%2e%2e',
    '%2e',
    '%2e%2e%2fadmin',
    '..%2fadmin',
    '..%5cadmin',
    '%252e%252e%252fadmin',
    `%${'25'.repeat(300)}2e%${'25'.repeat(300)}2e/admin`,
    '%%32%65%%32%65%%32%66admin',
    '%u002e%u002e/admin',
    '%uff0e%uff0e%u2215admin',
    '..;x=1',
    '..;x=1/admin',
    '..;/admin',
    '%2e%2e;x=1%2fadmin',
    '%c0%ae%c0%ae%c0%afadmin',
    '%e0%80%ae%e0%80%ae/admin',
    '%f0%80%80%ae%f0%80%80%ae/admin',
    '\uff0e\uff0e/admin',
    '\uff0e\uff0e',
    '\u2025/admin',
    '\u2024\u2024\uff0fadmin',
    '..\u2215admin',
    '..\uff3cadmin',
    '.\t./admin',
    '\t..\t/admin',
    '..\n',
    '.. /admin',
    '..\0/admin',
    '..\0.png',
    '..%00/admin',
    '.\u200b./admin',
    '..?x=1',
    '..#x',
  ])('%j', (value) => {
    expect(() => target(value)).toThrow(EncodeError);
  });

  it.each([
    'a',
    'ada.lovelace',
    '...',
    '..a',
    'a..',
    'a/b',
    'a\\b',
    '100%',
    '50%25 off.',
    'v1.2/notes..txt',
    '.hidden',
    'a/.hidden/b',
    'urn:isbn:0-395-36341-1',
    'Ķīlis/ж',
    'golang.org/x/...',
    '%2F',
    'a;b=..',
    'd41d8cd9;..',
  ])('%j passes', (value) => {
    expect(decodeURIComponent(target(value).slice('/users/'.length))).toBe(value);
  });

  it('in every style of a path, and beside what the path itself says', () => {
    for (const style of ['simple', 'label', 'matrix'] as const) {
      expect(() => target('../admin', { style })).toThrow('path parameter "id"');
      expect(() => target(['a', '../admin'], { style })).toThrow('path parameter "id"');
      expect(() => target({ a: '../admin' }, { style, explode: true })).toThrow('path parameter "id"');
      expect(() => target({ '../admin': 'a' }, { style, explode: true })).toThrow('path parameter "id"');
    }
    expect(() => target('x/../admin', { content: 'application/json' })).toThrow('path parameter "id"');
    expect(() => target('..', {}, '/users/{id};v=1')).toThrow('path parameter "{id};v=1"');
    expect(() => target('%2e', {}, '/users/.{id}')).toThrow('path parameter ".{id}"');
    expect(() => target('../admin', {}, '/users/v{id}')).toThrow('path parameter "id"');
    expect(target('..', {}, '/users/v{id}')).toBe('/users/v..');
  });

  it('unless the contract allows it, and even then never as a whole segment', () => {
    expect(target('docs/../index.md', { allowReserved: true })).toBe('/users/docs%2F..%2Findex.md');
    expect(() => target('..', { allowReserved: true })).toThrow('which is no segment of a path');
  });

  it('without making the refusal dear', () => {
    const startedAt = performance.now();
    const nested = `%2${'%3'.repeat(8_000)}5`;
    for (const value of [
      '%25'.repeat(20_000),
      `%${'25'.repeat(20_000)}`,
      nested,
      '.%2f'.repeat(10_000),
      '%u002e'.repeat(10_000),
    ]) {
      try {
        target(value);
      } catch (error) {
        expect(error).toBeInstanceOf(EncodeError);
      }
    }
    // Quadratic work on these takes many seconds.
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('every value', () => {
  const atom = fc.constantFrom(
    '.',
    '..',
    '/',
    '\\',
    ';',
    'x',
    '%',
    '%2e',
    '%2F',
    '%25',
    '%5c',
    '25',
    '2e',
    ';a=b',
    ' ',
    '\t',
  );
  const value = fc.array(atom, { minLength: 1, maxLength: 12 }).map((atoms) => atoms.join(''));

  it('no server that decodes it up to four times more leaves its place', () => {
    fc.assert(
      fc.property(value, fc.nat(4), fc.boolean(), fc.boolean(), (text, rounds, backslashes, matrix) => {
        let written: string;
        try {
          written = target(text, {}, '/shops/7/users/{id}/profile');
        } catch (error) {
          expect(error).toBeInstanceOf(EncodeError);
          return;
        }
        const [shops, seven, users, ...rest] = reached(written, 1 + rounds, { backslashes, matrix });
        expect([shops, seven, users, rest.at(-1)]).toEqual(['shops', '7', 'users', 'profile']);
        expect(rest.length).toBeGreaterThan(1);
      }),
      { numRuns: 5_000 },
    );
  });

  it('every spelling of a climb is refused, however often it is encoded', () => {
    const spellings = (options: readonly string[]) => fc.constantFrom(...options);
    const dot = spellings(['.', '%2e', '%2E', '%u002e', '%c0%ae', '\uff0e']);
    const slash = spellings(['/', '\\', '%2f', '%5C', '%u2215', '%c0%af', '\uff0f']);
    const noise = spellings(['', ';a=b', '\t', '%00', ' ', '%20', '\u200b']);
    const climb = fc.tuple(
      fc.constantFrom('', 'a', 'a/b'),
      slash,
      dot,
      dot,
      noise,
      slash,
      fc.constantFrom('', 'admin'),
    );
    fc.assert(
      fc.property(climb, fc.nat(6), (pieces, times) => {
        let text = pieces.join('');
        for (let time = 0; time < times; time++)
          text = time % 2 === 0 ? text.replaceAll('%', '%25') : encodeURIComponent(text);
        expect(() => target(text)).toThrow(EncodeError);
      }),
      { numRuns: 2_000 },
    );
  });
});
