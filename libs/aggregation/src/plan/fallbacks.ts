import { FallbackValue } from '../model/fallback-value.js';
import type { CallNode, FallbackSource } from '../model/nodes.js';
import { fieldPathOf } from '../model/references.js';
import { toArgument } from '../model/arguments.js';

declare const other: unique symbol;

/** The last good response of a call is its fallback, as long as it is young enough. */
export class LastGood<out Other = never> {
  readonly maxAgeMs: number;
  /** The fallback where no response is young enough. */
  readonly otherwise: { readonly value: unknown } | undefined;
  declare readonly [other]?: Other;

  constructor(maxAgeMs: number, otherwise: { readonly value: unknown } | undefined) {
    this.maxAgeMs = maxAgeMs;
    this.otherwise = otherwise;
  }
}

/**
 * The fallback of an `optional`: the last good response that the same caller got for the same arguments.
 * @param maxAgeMs its maximum age in milliseconds, above 0
 * @param otherwise the fallback where there is none: a value, or another `optional(...)`
 * @throws {TypeError} when the age is not above 0
 */
export function lastGood<const F = never>(options: { readonly maxAgeMs: number; readonly otherwise?: F }): LastGood<F> {
  const { maxAgeMs } = options;
  if (!(maxAgeMs > 0)) throw new TypeError(`lastGood({ maxAgeMs: ${maxAgeMs} }): write milliseconds above 0`);
  return new LastGood(maxAgeMs, 'otherwise' in options ? { value: options.otherwise } : undefined);
}

/** The fallbacks of a call, as data. */
export interface FallbackSpec {
  readonly fallbackSources: readonly FallbackSource[];
  readonly fallbackValue?: FallbackValue;
}

/**
 * Reads a `fallback` once, at start: last good response, then another call, then a value.
 * @throws {TypeError} where it is a reference, which is no value, or a call that is not optional
 */
export function readFallback(given: unknown, need: CallNode['need'], what: string): FallbackSpec {
  if (given instanceof LastGood) {
    if (need === 'write')
      throw new TypeError(
        `the fallback of ${what} is a last good response, which no change has: write a value, or another write(...)`,
      );
    const rest =
      given.otherwise === undefined ? { fallbackSources: [] } : readFallback(given.otherwise.value, need, what);
    return { ...rest, fallbackSources: [{ kind: 'last_good', maxAgeMs: given.maxAgeMs }, ...rest.fallbackSources] };
  }
  const field = fieldPathOf(given);
  if (field === undefined) {
    if (typeof given === 'object' && given !== null && toArgument(given, `the fallback of ${what}`).kind !== 'literal')
      throw new TypeError(
        `the fallback of ${what} holds a reference: write a value, or choose in the view with orElse(...)`,
      );
    return { fallbackSources: [], fallbackValue: new FallbackValue(given, `the fallback of ${what}`) };
  }
  const call = field.path.length === 0 && field.node.kind === 'call' ? field.node : undefined;
  if (
    call === undefined ||
    (need === 'write' ? call.need !== 'write' || call.when !== undefined : call.need !== 'optional')
  )
    throw new TypeError(
      need === 'write'
        ? `the fallback of ${what} is a reference: write a value, or a call of its own, write(...) without 'when'`
        : `the fallback of ${what} is a reference: write a value, lastGood({ maxAgeMs }), or a call of its own, optional(...)`,
    );
  return {
    fallbackSources: [{ kind: 'call', call }],
    ...(call.fallbackValue !== undefined && { fallbackValue: call.fallbackValue }),
  };
}
