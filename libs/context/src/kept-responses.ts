import type { OperationInfo } from '@frontage/core';

/** A store from which later requests get a response too. */
export interface ResponseKeeper {
  /** Forgets the response of a key, if it has one. Never throws, and nobody waits for it. */
  drop(key: string): void;
}

interface KeptResponse {
  readonly part: string;
  readonly operation: OperationInfo;
  readonly keeper: ResponseKeeper;
  readonly key: string;
}

/** Kept responses that one request remembers; those beyond stay where they are until their time is over. */
const maxKept = 1_000;

/** The responses of one request that stores keep for later requests. A reader that a response does not fit has them forgotten. */
export class KeptResponses {
  readonly #kept: KeptResponse[] = [];

  /** Number of responses that are remembered; at most 1,000. */
  get size(): number {
    return this.#kept.length;
  }

  /** @param part name of the part in the plan; empty outside a plan */
  add(part: string, operation: OperationInfo, keeper: ResponseKeeper, key: string): void {
    if (this.#kept.length < maxKept) this.#kept.push({ part, operation, keeper, key });
  }

  /** Has all responses of a part forgotten; outside a plan, those of the operation. */
  drop(part: string, operation?: OperationInfo): void {
    for (const kept of this.#kept)
      if (kept.part === part && (part !== '' || kept.operation === operation)) kept.keeper.drop(kept.key);
  }
}
