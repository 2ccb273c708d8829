import type { ContractDocument, MessageKind } from '@frontage/contracts';
import type { JsonSchema } from '@frontage/core';
import { ContractChecks } from './contract-checks.js';
import { sample, type SampleOptions } from '../samples/sample.js';

/** Number of seeds that are tried before a schema counts as impossible. */
const maxTries = 4;

/** Values that the schemas of one contract accept. */
export class ContractSamples {
  readonly #checks: ContractChecks;

  constructor(contract: ContractDocument, checks = new ContractChecks(contract)) {
    this.#checks = checks;
  }

  /**
   * The first of these values that the schema accepts: a preferred one, one generated with the examples of the schema, one without them,
   * one that tries every example and choice, one with required members alone. The last one where the schema accepts none of them.
   */
  value(
    schema: JsonSchema,
    seed: string,
    direction: MessageKind = 'response',
    preferred: readonly unknown[] = [],
  ): unknown {
    const accepts = (within: JsonSchema, value: unknown): boolean =>
      isExact(value) && this.#checks.accepts(within, value, direction);
    const good = preferred.find((value) => accepts(schema, value));
    if (good !== undefined) return good;
    const { resolve } = this.#checks;
    const ways: readonly SampleOptions[] = [
      {},
      { examples: 'ignore' },
      { accepts },
      { examples: 'ignore', accepts },
      { members: 'required', accepts },
    ];
    for (let tries = 0; tries < maxTries; tries += 1) {
      const own = tries === 0 ? seed : `${seed} ${tries}`;
      for (const options of ways) {
        const value = sample(schema, resolve, own, { direction, ...options });
        if (accepts(schema, value)) return value;
      }
    }
    return sample(schema, resolve, seed, { direction, accepts });
  }

  /** True if a schema accepts a value in a request or a response. */
  accepts(schema: JsonSchema, value: unknown, direction: MessageKind = 'response'): boolean {
    return this.#checks.accepts(schema, value, direction);
  }

  /** A value with no more members than the schema asks for, where it accepts such a one: for texts that people read. */
  small(schema: JsonSchema, seed: string, direction: MessageKind = 'response'): unknown {
    const { resolve } = this.#checks;
    const small = sample(schema, resolve, seed, { direction, members: 'required' });
    return this.value(schema, seed, direction, [small]);
  }
}

/** True if each integer is one that a double holds: clients refuse others. */
function isExact(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isExact);
}
