import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDuration, readRatio, readSize, renderDuration, renderSize } from './scalars.js';

describe('a duration', () => {
  it.each([
    ['400ms', 400],
    ['5s', 5_000],
    ['1m', 60_000],
    ['1h', 3_600_000],
    ['0ms', 0],
  ])('%s is %d ms', (written, value) => {
    expect(readDuration(written)).toEqual({ value });
  });

  it.each([
    '400',
    '1.5s',
    '-1s',
    '1 s',
    '1S',
    '1w',
    's',
    '',
    ' 1s',
    '1s\n',
    '1e3ms',
    '9999999999999h',
    400,
    null,
    true,
  ])('%j is none, and the message shows the right form', (found) => {
    expect(readDuration(found)).toEqual({ expected: 'a duration such as 250ms, 5s or 1m' });
  });

  it('is read as it was rendered', () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999_999 }), (ms) => {
        expect(readDuration(renderDuration(ms))).toEqual({ value: ms });
      }),
    );
  });

  it('is rendered in its largest whole unit', () => {
    expect([0, 1, 1_500, 90_000, 7_200_000].map(renderDuration)).toEqual(['0ms', '1ms', '1500ms', '90s', '2h']);
  });
});

describe('a size', () => {
  it.each([
    ['512B', 512],
    ['64KiB', 65_536],
    ['500kB', 500_000],
    ['2MiB', 2_097_152],
    ['1GB', 1_000_000_000],
  ])('%s is %d bytes', (written, value) => {
    expect(readSize(written)).toEqual({ value });
  });

  it.each(['2M', '2mb', '2KB', '1.5MiB', '2 MiB', '999999999999GiB', 2048, null])('%j is none', (found) => {
    expect(readSize(found)).toEqual({ expected: 'a size such as 64KiB, 500kB or 2MiB' });
  });

  it('is read as it was rendered', () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999_999 }), (bytes) => {
        expect(readSize(renderSize(bytes))).toEqual({ value: bytes });
      }),
    );
  });
});

describe('a share', () => {
  it.each([
    ['10%', 0.1],
    ['7%', 0.07],
    ['0.1%', 0.001],
    ['100%', 1],
    [0.25, 0.25],
    [1, 1],
    [0, 0],
  ])('%j is %d', (written, value) => {
    expect(readRatio(written)).toEqual({ value });
  });

  it.each(['101%', '-1%', '10', '10 %', 1.01, -0.1, Number.NaN, Number.POSITIVE_INFINITY, null])(
    '%j is none',
    (found) => {
      expect(readRatio(found)).toEqual({ expected: 'a share such as 10% or 0.1' });
    },
  );

  it('in whole per cent is the nearest number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (percent) => {
        expect(readRatio(`${percent}%`)).toEqual({ value: percent / 100 });
      }),
    );
  });
});
