import type { CompiledScreen, ScreenResult } from '@frontage/aggregation';
import { compileMask } from '../access/compile-mask.js';
import { maskedJson, type Mask } from '../access/masked-json.js';

/** Compiled lists of masked members per screen. */
const maxMasks = 100;

/** The lists of members that an external policy has taken out of the responses of one screen. */
export class ScreenMasks {
  readonly #screen: CompiledScreen;
  readonly #masks = new Map<string, Mask | string>();
  readonly #keys = new WeakMap<Mask, string>();

  constructor(screen: CompiledScreen) {
    this.#screen = screen;
  }

  /** @returns a text that says why a list cannot be taken out */
  of(paths: readonly string[]): Mask | string {
    const key = JSON.stringify(paths);
    const known = this.#masks.get(key);
    if (known !== undefined) return known;
    const made = compileMask(this.#screen.responseSchema(), paths);
    if (typeof made !== 'string') this.#keys.set(made, key);
    // A policy has few lists of members; one that makes them per request gets no room for them.
    if (this.#masks.size < maxMasks) this.#masks.set(key, made);
    return made;
  }

  /** A text of its own for each mask; empty where nothing is taken out. */
  keyOf(mask: Mask | undefined): string {
    return mask === undefined ? '' : (this.#keys.get(mask) ?? '');
  }
}

/** A result without the members of a mask. */
export function masked(result: ScreenResult, mask: Mask | undefined): ScreenResult {
  if (mask === undefined || (result.kind !== 'complete' && result.kind !== 'partial') || result.body === '')
    return result;
  return { ...result, body: maskedJson(result.body, mask, result.encoding) };
}
