import { handOut, share, type MissingStatus, type ResponseFields, type Success } from '@frontage/core';
import { KeptResponses } from '@frontage/context';
import type { CompiledCall } from '../run/compiled.js';
import { lastGoodKey, type LastGoodStore } from '../run/last-good.js';
import type { CallAsker, RunState } from '../run/run-state.js';
import type { MissingPart } from '../model/parts-report.js';

/** Asks for another operation after a call failed. The report names the failure of that call. */
export class FallbackAsker implements CallAsker {
  readonly #asker: CallAsker;
  readonly #status: MissingStatus;

  constructor(asker: CallAsker, status: MissingStatus) {
    this.#asker = asker;
    this.#status = status;
  }

  succeeded(at: number, value: unknown): void {
    this.#asker.fellBack(at, value, { status: this.#status, source: 'operation' });
  }

  fellBack(at: number, value: unknown, { source, ageMs }: MissingPart, headers?: ResponseFields): void {
    const missing = { status: this.#status, source, ...(ageMs !== undefined && { ageMs }) };
    this.#asker.fellBack(at, value, missing, headers);
  }

  failed(at: number): void {
    this.#asker.failed(at, this.#status);
  }

  /** Its own condition rules the fallback out: the failure stays. */
  ruledOut(at: number): void {
    this.#asker.failed(at, this.#status);
  }
}

/** A last good response that is young enough. */
export interface LastGoodValue {
  readonly value: unknown;
  readonly ageMs: number;
  readonly headers: ResponseFields | undefined;
}

/** The headers of a response are kept beside its value. */
const ofHeaders = (key: string): string => `${key}\0headers`;

const isFields = (value: unknown): value is ResponseFields => typeof value === 'object' && value !== null;

/** Keeps the outcome of a call for later requests, if the call has a use for it. From here on this request may not change it either. */
export function keepLastGood(
  { keep, part, operation }: CompiledCall,
  args: unknown,
  run: RunState,
  outcome: Success<unknown>,
): Success<unknown> {
  if (keep === undefined) return outcome;
  const key = lastGoodKey(keep.operation, args, run.context);
  keep.store.keep(key, share(outcome.value), keep.forMs);
  if (outcome.headers !== undefined) keep.store.keep(ofHeaders(key), share(outcome.headers), keep.forMs);
  (run.context.kept ??= new KeptResponses()).add(part, operation, keep.store, key);
  return { ...outcome, value: handOut(outcome.value) };
}

/**
 * The last good response of a call: of this process, or where the store is shared and there is time left, of another one.
 * @returns `undefined` where there is none that is young enough
 */
export function lastGoodOf(
  call: CompiledCall,
  run: RunState,
  item: unknown,
  maxAgeMs: number,
): LastGoodValue | undefined | Promise<LastGoodValue | undefined> {
  const { keep, operation } = call;
  if (keep === undefined) return undefined;
  const { store } = keep;
  const key = lastGoodKey(keep.operation, call.args(run, item), run.context);
  const headersOf = operation.headers === undefined ? undefined : ofHeaders(key);
  const own = young(store.read(key), headersOf && store.read(headersOf)?.value, maxAgeMs);
  if (own !== undefined || store.find === undefined) return own;
  return run.cancellation.cancelled || run.clock.now() >= run.deadlineAt
    ? undefined
    : Promise.all([store.find(key), headersOf === undefined ? undefined : store.find(headersOf)]).then(
        ([found, headers]) => young(found, headers?.value, maxAgeMs),
      );
}

function young(
  found: ReturnType<LastGoodStore['read']>,
  headers: unknown,
  maxAgeMs: number,
): LastGoodValue | undefined {
  if (found === undefined || found.ageMs > maxAgeMs) return undefined;
  // A store of a team's own may return other values than it was given.
  return {
    value: handOut(share(found.value)),
    ageMs: found.ageMs,
    headers: isFields(headers) ? headers : undefined,
  };
}
