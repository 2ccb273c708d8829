import { describe, expect, it } from 'vitest';
import { OptionError, readOptions } from './options.js';

describe('options of the benchmark', () => {
  it('measures home-5 with bytes that differ by default', () => {
    const options = readOptions([]);
    expect(options?.scenarios.map(({ name }) => name)).toEqual(['home-5']);
    expect(options).toMatchObject({ bytes: ['differ'], latenciesMs: [0], full: false, rounds: 12, seconds: 2 });
    expect(options?.compare).toBeUndefined();
  });

  it('measures everything where all is asked for', () => {
    const options = readOptions(['--full']);
    expect(options?.scenarios).toHaveLength(8);
    expect(options).toMatchObject({ bytes: ['differ', 'repeat'], latenciesMs: [0, 20], startup: true });
  });

  it('takes a scenario more than once', () => {
    const options = readOptions(['--scenario', 'calls-1', '--scenario', 'each-20']);
    expect(options?.scenarios.map(({ name }) => name)).toEqual(['calls-1', 'each-20']);
  });

  it('compares with main where no reference is named', () => {
    expect(readOptions(['--compare'])?.compare).toBe('main');
    expect(readOptions(['--compare', '--rounds', '4'])).toMatchObject({ compare: 'main', rounds: 4 });
    expect(readOptions(['--compare', 'v1'])?.compare).toBe('v1');
  });

  it('measures each policy over both transports, or those that are named', () => {
    const all = readOptions(['--ablation'])?.ablation;
    expect(all?.transports).toEqual(['undici', 'direct']);
    expect(all?.policies.map(({ name }) => name)).toContain('tracing at 100 %');
    const named = readOptions(['--ablation', '--policy', 'log', '--transport', 'direct'])?.ablation;
    expect([named?.policies.map(({ name }) => name), named?.transports]).toEqual([['log'], ['direct']]);
  });

  it.each([
    [['--ablation', '--policy', 'cache'], "there is no policy 'cache': write one of jwt, "],
    [['--ablation', '--transport', 'axios'], "--transport is 'axios': write undici or direct"],
    [['--scenario', 'home-6'], "there is no scenario 'home-6': write one of home-5, "],
    [['--bytes', 'some'], "--bytes is 'some': write differ, repeat or both"],
    [['--latency', 'soon'], "--latency is 'soon': write whole milliseconds from 0 to 1000"],
    [['--rounds', '0'], "--rounds is '0': write a whole number from 1 to 1000"],
    [['--memory', 'long'], "--memory is 'long': write a whole number"],
    [['--rouns', '3'], "Unknown option '--rouns'"],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(OptionError);
    expect(() => readOptions(args)).toThrow(message);
  });
});
