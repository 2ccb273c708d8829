import type { PartDescription, ScreenDescription } from '../plan/app-description.js';
import {
  bodySchema,
  sampledContract,
  sampleParameter,
  type SampledContract,
} from '../endpoint/planner/sampled-contract.js';
import { isPersonParameter } from '../endpoint/planner/names.js';
import { sampleUser } from '../endpoint/planner/screen-samples.js';

/** An argument of a call that an input of the screen becomes. */
interface ArgumentPlace {
  readonly upstream: string;
  readonly operation: string;
  /** `path`, `query`, `header` or `body`. */
  readonly group: string;
  /** Absent for a whole body. */
  readonly name?: string;
}

/**
 * Values that contracts of upstreams have for inputs of screens. An `id` that becomes the parameter of `orders.getOrder` gets the example of
 * that parameter, because the sandbox knows it.
 */
export class UpstreamValues {
  readonly #folderOf: (upstream: string) => string | undefined;
  readonly #contracts = new Map<string, Promise<SampledContract | undefined>>();

  /** @param folderOf the folder with the contract of an upstream; `undefined` where there is none */
  constructor(folderOf: (upstream: string) => string | undefined) {
    this.#folderOf = folderOf;
  }

  /**
   * The values for an input, in all forms that a screen may take: a list also as text with commas, and its first item.
   * @param input its group and its name: `path.id`; `body` for a whole body
   */
  async of(screen: ScreenDescription | undefined, input: string): Promise<readonly unknown[]> {
    const places = Object.values(screen?.parts ?? {}).flatMap((part) => placesOf(part, input));
    const values = await Promise.all(places.map((place) => this.#valueAt(place)));
    return values.flatMap((value) => (value === undefined ? [] : formsOf(value)));
  }

  async #valueAt({ upstream, operation: id, group, name }: ArgumentPlace): Promise<unknown> {
    const contract = await this.#contractOf(upstream);
    const operation = contract?.operations.get(id);
    if (contract === undefined || operation === undefined) return undefined;
    const { samples } = contract;
    if (group !== 'body') {
      const spec = operation.parameters.find((one) => one.in === group && one.name === name);
      const preferred = name !== undefined && isPersonParameter(name, operation.path) ? [sampleUser] : [];
      return spec && sampleParameter(samples, id, spec, preferred).value;
    }
    const body = samples.small(bodySchema(operation), id, 'request');
    return name === undefined ? body : isObject(body) && Object.hasOwn(body, name) ? body[name] : undefined;
  }

  #contractOf(upstream: string): Promise<SampledContract | undefined> {
    const known = this.#contracts.get(upstream);
    if (known !== undefined) return known;
    const folder = this.#folderOf(upstream);
    const read = folder === undefined ? Promise.resolve(undefined) : sampledContract(folder);
    this.#contracts.set(upstream, read);
    return read;
  }
}

/** The arguments of a call that are this input, whole or as a member of it. */
function placesOf({ upstream, operation, args }: PartDescription, input: string): readonly ArgumentPlace[] {
  if (upstream === undefined || operation === undefined || !isObject(args)) return [];
  const [inputGroup, member] = input.split('.', 2);
  return Object.entries(args).flatMap(([group, given]): readonly ArgumentPlace[] => {
    if (!isObject(given)) return [];
    if (given['$ref'] === input) return [{ upstream, operation, group }];
    // The whole group of the request is passed on: its members keep their names.
    if (given['$ref'] === inputGroup && member !== undefined) return [{ upstream, operation, group, name: member }];
    return Object.entries(given)
      .filter(([, argument]) => isObject(argument) && argument['$ref'] === input)
      .map(([name]) => ({ upstream, operation, group, name }));
  });
}

const formsOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? [value, value.map(String).join(','), value[0]] : [value];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
