import type { CallingRun, CompiledEach, RequestedCall } from '../run/compiled.js';
import type { MissingStatus } from '@frontage/core';
import { refused } from '../run/plan-result.js';
import { CallQueue } from './call-queue.js';
import { noteNoList, ruledOutPart } from './compiled-call.js';
import type { CallAsker } from '../run/run-state.js';
import { textOf } from '../run/equal-texts.js';
import { missingParts } from '../run/missing-parts.js';
import type { MissingPart } from '../model/parts-report.js';
import type { Part } from '../model/references.js';

/** The calls of one `each` in one request. */
export class EachRun implements CallAsker {
  readonly #each: CompiledEach;
  readonly #run: CallingRun;
  readonly #slot: number;
  /** One item for each call. */
  readonly #asked: unknown[] = [];
  /** The call of each item. */
  readonly #callOf: number[] = [];
  /** The outcome of each call; undefined until it ended. */
  readonly #results: ({ readonly value: unknown; readonly missing: MissingStatus | undefined } | undefined)[] = [];
  #count = 0;
  #queue: CallQueue | undefined;
  #left = 0;

  constructor(each: CompiledEach, run: CallingRun, slot: number) {
    this.#each = each;
    this.#run = run;
    this.#slot = slot;
  }

  start(): void {
    const { overPart, over, call, mayBeMissing, when } = this.#each;
    const part = overPart === undefined ? undefined : (this.#run.values[overPart] as Part<unknown>);
    if (part?.ok === false) {
      if (part === ruledOutPart) this.#run.ruledOut(this.#slot);
      else this.#run.failed(this.#slot, 'skipped');
      return;
    }
    const items = when === undefined || when(this.#run, undefined) === true ? (over(this.#run, undefined) ?? []) : [];
    if (Array.isArray(items)) {
      this.#ask(items);
      return;
    }
    // The response is not the list that its contract declares.
    noteNoList(call, this.#run);
    if (call.need === 'required') this.#run.refuse(refused('GW_UPSTREAM_BAD_PAYLOAD', { part: this.#each.name }));
    else if (mayBeMissing) this.#run.failed(this.#slot, 'bad_payload');
    else {
      this.#run.note(this.#slot, { status: 'bad_payload', source: 'none' });
      this.#run.succeeded(this.#slot, []);
    }
  }

  succeeded(at: number, value: unknown): void {
    this.#settle(at, this.#there(value), undefined);
  }

  fellBack(at: number, value: unknown, { status }: MissingPart): void {
    this.#settle(at, this.#there(value), status);
  }

  failed(at: number, status: MissingStatus): void {
    this.#settle(at, this.#instead(missingParts[status]), status);
  }

  ruledOut(at: number): void {
    this.#settle(at, this.#instead(ruledOutPart), undefined);
  }

  /** At the deadline, the items that have not arrived are missing. */
  expire(fail: (late: RequestedCall) => void): void {
    this.#queue?.close();
    for (let at = 0; at < this.#asked.length; at++)
      if (this.#results[at] === undefined)
        fail({ call: this.#each.call, run: this.#run, item: this.#asked[at], asker: this, at });
  }

  #ask(items: readonly unknown[]): void {
    this.#count = items.length;
    const calls = new Map<unknown, number>();
    const count = Math.min(items.length, this.#each.maxCount);
    for (let i = 0; i < count; i++) {
      const item: unknown = items[i];
      const key = this.#keyOf(item);
      let at = calls.get(key);
      if (at === undefined) {
        at = this.#asked.length;
        calls.set(key, at);
        this.#asked.push(item);
        this.#results.push(undefined);
      }
      this.#callOf.push(at);
    }
    this.#left = this.#asked.length;
    this.#queue = new CallQueue({
      call: this.#each.call,
      run: this.#run,
      asker: this,
      values: this.#asked,
      concurrency: this.#each.concurrency,
    });
    if (this.#left === 0) this.#finish();
    else this.#queue.start();
  }

  #keyOf(item: unknown): unknown {
    const { itemReads } = this.#each;
    const single = itemReads.length === 1 ? itemReads[0]!(this.#run, item) : undefined;
    if (typeof single === 'string' || typeof single === 'number') return single;
    return `\0${textOf(itemReads.map((read) => read(this.#run, item)))}`;
  }

  #there(value: unknown): unknown {
    return this.#each.call.need === 'optional' && this.#each.fallback === undefined ? { ok: true, value } : value;
  }

  #instead(part: Part<never>): unknown {
    return this.#each.fallback === undefined ? part : this.#each.fallback.value;
  }

  #settle(at: number, value: unknown, missing: MissingStatus | undefined): void {
    if (this.#results[at] !== undefined) return;
    this.#results[at] = { value, missing };
    if (--this.#left === 0) this.#finish();
    else this.#queue?.ended();
  }

  #finish(): void {
    const { call, maxCount } = this.#each;
    const values: unknown[] = [];
    let missing: Record<string, MissingStatus> | undefined;
    for (let i = 0; i < this.#callOf.length; i++) {
      const result = this.#results[this.#callOf[i]!]!;
      values.push(result.value);
      if (result.missing !== undefined) (missing ??= {})[i] = result.missing;
    }
    for (let i = maxCount; i < this.#count; i++) {
      (missing ??= {})[i] = 'skipped';
      // A required call has no value for a missing item: the list ends, and the report names the rest.
      if (call.need === 'optional') values.push(this.#instead(missingParts.skipped));
    }
    if (missing !== undefined) this.#run.note(this.#slot, { items: missing });
    this.#run.succeeded(this.#slot, values);
  }
}
