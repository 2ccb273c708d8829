import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sampledContract, type SampledContract } from '../endpoint/planner/sampled-contract.js';
import { responseSchema } from '../endpoint/planner/screen-samples.js';
import { upstreamsPath } from '../workspace/layout.js';
import { contractFile } from '../workspace/upstream-folders.js';

/** Responses that the contracts of an app have as examples. */
export class ContractBodies {
  readonly #root: string;
  readonly #app: string;
  readonly #contracts = new Map<string, Promise<SampledContract | undefined>>();

  /** @param app its name: an upstream of its own comes before a shared one */
  constructor(root: string, app: string) {
    this.#root = root;
    this.#app = app;
  }

  /** @returns undefined where there is no contract, or no body */
  async of(upstream: string, operation: string): Promise<unknown> {
    const contract = await this.#contractOf(upstream);
    return contract?.samples.small(responseSchema(contract.operations.get(operation)), operation);
  }

  #contractOf(upstream: string): Promise<SampledContract | undefined> {
    const known = this.#contracts.get(upstream);
    if (known !== undefined) return known;
    const places = [join(this.#root, 'apps', this.#app, 'upstreams'), upstreamsPath(this.#root)];
    const folder = places.map((place) => join(place, upstream)).find((one) => existsSync(join(one, contractFile)));
    const read = folder === undefined ? Promise.resolve(undefined) : sampledContract(folder);
    this.#contracts.set(upstream, read);
    return read;
  }
}
