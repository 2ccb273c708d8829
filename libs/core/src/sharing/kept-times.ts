import type { Success } from '../errors/outcome.js';
import { originalOf } from './shared-value.js';

/** The times of a response that a cache keeps, in milliseconds of its clock, and those who may be given it. */
export interface KeptTimes {
  readonly storedAt: number;
  readonly freshUntil: number;
  /** Every caller gets the same response. */
  readonly isPublic: boolean;
  /** False once something that it depends on was invalidated. @default always true */
  readonly isCurrent?: () => boolean;
}

const times = new WeakMap<object, KeptTimes>();

/** Notes that a cache keeps this response, from which requests get it. */
export const noteKept = (response: Success<unknown>, kept: KeptTimes): void => void times.set(response, kept);

/** The times of a response that came out of a cache, or went into it; undefined for one that is not kept. */
export const keptTimesOf = (response: Success<unknown>): KeptTimes | undefined =>
  times.get(response) ?? times.get(originalOf(response));
