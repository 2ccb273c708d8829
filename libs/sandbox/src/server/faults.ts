import { isRecord } from '../model/behaviour.js';

/** A fault of an upstream, or of one of its operations. Members combine: latency comes first, then the rest. */
export interface Fault {
  /** Operation id. @default all operations of the upstream */
  readonly operation?: string;
  /** Milliseconds before anything else happens; 0 to 600 000. */
  readonly latencyMs?: number;
  /** Respond with this status and a problem body instead; 200 to 599. */
  readonly status?: number;
  /** `Retry-After` in seconds, or as text that is sent unchanged; used with `status`. */
  readonly retryAfter?: number | string;
  /** Respond with this JSON instead; it may break the contract. Its status is `status`, or that of a good response. */
  readonly payload?: unknown;
  /** Take the request and send nothing. `after_headers` sends the head of a good response first, `mid_body` half the body too. */
  readonly hang?: true | 'after_headers' | 'mid_body';
  /** Reset the connection (RST) instead of a response. `mid_body` sends the head and half the body first. */
  readonly reset?: true | 'mid_body';
  /** 200 with a body that is no JSON: cut in half (`true`), an HTML page, nothing. */
  readonly badPayload?: true | 'html' | 'empty';
  /** Send a good response piece by piece. */
  readonly slowBody?: { readonly bytes: number; readonly everyMs: number };
  /** Share of the calls that it concerns, evenly spread; 0 to 1. @default 1 */
  readonly rate?: number;
}

/** The active faults of one upstream: at most one for all operations and one for each. */
export class FaultTable {
  readonly #byOperation = new Map<string | undefined, { readonly fault: Fault; due: number }>();
  readonly #operations: ReadonlySet<string>;

  constructor(operations: Iterable<string>) {
    this.#operations = new Set(operations);
  }

  /** @returns the mistake in the fault; undefined where it is valid, and active from now on */
  set(fault: unknown): string | undefined {
    const read = readFault(fault, this.#operations);
    if (typeof read === 'string') return read;
    this.#byOperation.set(read.operation, { fault: read, due: 0 });
    return undefined;
  }

  /** @param operation undefined clears all */
  clear(operation?: string): void {
    if (operation === undefined) this.#byOperation.clear();
    else this.#byOperation.delete(operation);
  }

  list(): readonly Fault[] {
    return [...this.#byOperation.values()].map(({ fault }) => fault);
  }

  /** The fault of this call. A fault of the operation wins over one of the whole upstream. */
  next(operation: string): Fault | undefined {
    const entry = this.#byOperation.get(operation) ?? this.#byOperation.get(undefined);
    if (entry === undefined) return undefined;
    // A sum instead of random numbers: a rate of 0.5 is every second call, in every run.
    entry.due += entry.fault.rate ?? 1;
    if (entry.due < 1) return undefined;
    entry.due -= 1;
    return entry.fault;
  }
}

type ValueCheck = (value: unknown) => boolean;

const between =
  (min: number, max: number): ValueCheck =>
  (value) =>
    typeof value === 'number' && value >= min && value <= max;

const oneOf =
  (...allowed: readonly unknown[]): ValueCheck =>
  (value) =>
    allowed.includes(value);

const members: Readonly<Record<keyof Fault, readonly [check: ValueCheck, wanted: string]>> = {
  operation: [(value) => typeof value === 'string', 'an operation id'],
  latencyMs: [between(0, 600_000), 'milliseconds from 0 to 600000'],
  status: [between(200, 599), 'an HTTP status from 200 to 599'],
  retryAfter: [(value) => typeof value === 'string' || between(0, 1e9)(value), 'seconds, or text'],
  payload: [() => true, 'any JSON'],
  hang: [oneOf(true, 'after_headers', 'mid_body'), 'true, "after_headers" or "mid_body"'],
  reset: [oneOf(true, 'mid_body'), 'true or "mid_body"'],
  badPayload: [oneOf(true, 'html', 'empty'), 'true, "html" or "empty"'],
  slowBody: [
    (value) => isRecord(value) && between(1, 1e6)(value['bytes']) && between(1, 600_000)(value['everyMs']),
    '{ "bytes": 1, "everyMs": 100 }',
  ],
  rate: [between(0, 1), 'a share from 0 to 1'],
};

const isMember = (name: string): name is keyof Fault => Object.hasOwn(members, name);

function readFault(value: unknown, operations: ReadonlySet<string>): Fault | string {
  if (!isRecord(value)) return 'A fault is a JSON object such as { "latencyMs": 500 }.';
  for (const [name, given] of Object.entries(value)) {
    if (!isMember(name))
      return `There is no fault ${JSON.stringify(name)}. There are: ${Object.keys(members).join(', ')}.`;
    const [check, wanted] = members[name];
    if (!check(given)) return `${name} is ${JSON.stringify(given)}, and must be ${wanted}.`;
  }
  const fault: Fault = value;
  if (fault.operation !== undefined && !operations.has(fault.operation)) {
    return `There is no operation ${fault.operation}. There are: ${[...operations].join(', ')}.`;
  }
  return fault;
}
