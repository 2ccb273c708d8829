import type { SpecLayout } from '../model/spec-layout.js';
import type { Shape } from '../model/projection-spec.js';

/** The value that was read for one shape: the scalar, the object or `null`, the text of a list; `undefined` where nothing was read. */
export interface SlotValue {
  value: unknown;
  /** The number of items, for a list. */
  count: number;
}

/** The values that the engine in JavaScript has read of a text. */
export class SlotValues {
  readonly #values: readonly SlotValue[];

  constructor(private readonly layout: SpecLayout) {
    this.#values = Array.from({ length: layout.slotCount }, () => ({ value: undefined, count: 0 }));
  }

  of(shape: Shape): SlotValue {
    const slot = this.#values[this.layout.slots.get(shape) ?? -1];
    if (slot === undefined) throw new Error('A shape without a slot.');
    return slot;
  }

  clear(first: number, count: number): void {
    for (let at = first; at < first + count; at++) {
      const slot = this.#values[at];
      if (slot !== undefined) slot.value = undefined;
    }
  }
}
