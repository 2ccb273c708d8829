import { isDeepStrictEqual } from 'node:util';
import { channels, type Warning, type ContractBroken, type OperationInfo, type SchemaValidator } from '@frontage/core';
import type { Validation } from '../policy/upstream.options.js';

/** The contract violation in a response whose schema has that name; `undefined` if there is none. */
export type ResponseCheck = (schema: string, value: unknown) => string | undefined;

/** The validators of the contracts of one upstream, loaded once. */
export class ContractValidators {
  readonly #loading = new Map<OperationInfo['contract'], Promise<void>>();
  readonly #loaded = new Map<OperationInfo['contract'], ReadonlyMap<string, SchemaValidator>>();

  /**
   * Begins to load the validators of an operation's contract; `undefined` where they are there.
   * @throws Error where the contract was generated without them
   */
  load({ contract }: OperationInfo): Promise<void> | undefined {
    if (this.#loaded.has(contract)) return undefined;
    const { upstream, validators } = contract;
    if (validators === undefined) {
      throw new Error(
        `${upstream}: policy asks for validation of its responses, but its contract was generated without validators: run frontage upstream add ${upstream} --validators`,
      );
    }
    const known = this.#loading.get(contract);
    if (known !== undefined) return known;
    const loading = validators().then((all) => void this.#loaded.set(contract, all));
    this.#loading.set(contract, loading);
    return loading;
  }

  check({ contract, id }: OperationInfo, validation: Exclude<Validation, 'off'>): ResponseCheck {
    const told = new Set<string>();
    return (schema, value) => {
      const validate = this.#loaded.get(contract)?.get(schema);
      if (validate === undefined || fits(value, validate)) return undefined;
      const violation = validate.errors?.[0];
      const { instancePath = '', keyword = '' } = violation ?? {};
      if (channels.contractBroken.hasSubscribers) {
        const event: ContractBroken = { upstream: contract.upstream, operation: id, keyword, pointer: instancePath };
        channels.contractBroken.publish(event);
      }
      warnOnce(told, `${contract.upstream}.${id}`, instancePath, keyword);
      return validation === 'enforce' ? `does not fit its contract at ${instancePath || '/'} (${keyword})` : undefined;
    };
  }
}

/** Different mistakes of one operation that people are told of. */
const maxTold = 20;

/** One line for people per place and keyword; the channel and its metric count the rest. */
function warnOnce(told: Set<string>, operation: string, instancePath: string, keyword: string): void {
  if (told.size >= maxTold || !channels.warning.hasSubscribers) return;
  const place = instancePath.replaceAll(/\/\d+/g, '/*') || '/';
  if (told.has(`${place} ${keyword}`)) return;
  told.add(`${place} ${keyword}`);
  const message = `contract violation in the response of ${operation}, at ${place} (${keyword})`;
  channels.warning.publish({ from: 'clients', message } satisfies Warning);
}

function fits(value: unknown, validate: SchemaValidator): boolean {
  try {
    return validate(value);
  } catch (error) {
    // A recursive schema follows a response to any depth; the stack is bounded.
    if (!(error instanceof RangeError)) throw error;
    validate.errors = [{ instancePath: '', keyword: 'depth' }];
    return false;
  }
}

/** For generated validators: whether two values are the same JSON. */
export function sameJson(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other);
}

/** For generated validators: the length of a text in code points (JSON Schema validation section 6.3.1). */
export function ucs2Length(text: string): number {
  let length = text.length;
  for (let at = 0; at + 1 < text.length; at++) {
    if (isHighSurrogate(text.charCodeAt(at)) && isLowSurrogate(text.charCodeAt(at + 1))) {
      length--;
      at++;
    }
  }
  return length;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;
