import type { CallingRun, CompiledEach, RequestedCall } from '../run/compiled.js';
import type { MissingStatus, ResponseFields } from '@frontage/core';
import { badPayloadOf, refused } from '../run/plan-result.js';
import { CallQueue } from './call-queue.js';
import { beyond, headersAt, valuesAt, type InnerList, type Place, type Places, type PlaceValues } from './places.js';
import { ruledOutPart } from './compiled-call.js';
import { distrustResponses, noteNoList } from './violation-finder.js';
import type { CallAsker } from '../run/run-state.js';
import { textOf } from '../run/equal-texts.js';
import { ItemFrame } from '../run/item-frame.js';
import { missingParts } from '../run/missing-parts.js';
import type { MissingPart } from '../model/parts-report.js';
import type { Part } from '../model/references.js';

/** The calls of one `each` in one request. */
export class EachRun implements CallAsker, PlaceValues {
  readonly #each: CompiledEach;
  readonly #run: CallingRun;
  readonly #slot: number;
  /** One item for each call. */
  readonly #asked: unknown[] = [];
  /** The call of equal items. */
  readonly #calls = new Map<unknown, number>();
  #places: Places = [];
  /** The outcome of each call; undefined until it ended. */
  readonly #results: ({ readonly value: unknown; readonly missing: MissingStatus | undefined } | undefined)[] = [];
  /** By call; undefined where nothing reads them. */
  readonly #headers: (ResponseFields | undefined)[] | undefined;
  /** The items without a call, by their index. */
  #uncalled: Record<string, MissingStatus> | undefined;
  #queue: CallQueue | undefined;
  #left = 0;

  constructor(each: CompiledEach, run: CallingRun, slot: number) {
    this.#each = each;
    this.#headers = each.keepsHeaders ? [] : undefined;
    this.#run = run;
    this.#slot = slot;
  }

  start(): void {
    const { overPart, call, levels, mayBeMissing, name } = this.#each;
    const part = overPart === undefined ? undefined : (this.#run.values[overPart] as Part<unknown>);
    if (part?.ok === false) {
      if (part === ruledOutPart) this.#run.ruledOut(this.#slot);
      else this.#run.failed(this.#slot, 'skipped');
      return;
    }
    const [{ when, over }] = levels;
    const items = when === undefined || when(this.#run, undefined) === true ? (over(this.#run, undefined) ?? []) : [];
    if (Array.isArray(items)) {
      const places = this.#gather(items, 0, undefined);
      if (places === undefined) return;
      this.#places = places;
      this.#ask();
      return;
    }
    // The response is not the list that its contract declares.
    noteNoList(call, this.#run);
    if (call.need !== 'optional') this.#run.refuse(refused('GW_UPSTREAM_BAD_PAYLOAD', { part: name }));
    else if (mayBeMissing) this.#run.failed(this.#slot, 'bad_payload');
    else {
      this.#run.note(this.#slot, { status: 'bad_payload', source: 'none' });
      this.#run.succeeded(this.#slot, []);
    }
  }

  succeeded(at: number, value: unknown, headers?: ResponseFields): void {
    this.#keepHeaders(at, headers);
    this.#settle(at, this.#there(value), undefined);
  }

  fellBack(at: number, value: unknown, { status }: MissingPart, headers?: ResponseFields): void {
    this.#keepHeaders(at, headers);
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

  writes(): readonly string[] | undefined {
    if (this.#each.call.need !== 'write' || this.#queue === undefined) return undefined;
    return this.#asked.flatMap((_, at) => (this.#results[at] === undefined ? [this.#labelOf(at)] : []));
  }

  /** The calls of a list, and of the lists in its items; undefined where the request has ended. */
  #gather(items: readonly unknown[], depth: number, outer: ItemFrame | undefined): Places | undefined {
    const { levels, isFramed, call } = this.#each;
    const { maxCount } = levels[depth]!;
    if (items.length > maxCount && call.need === 'write') return this.#refuseTooMany(items.length, maxCount);
    const isInnermost = depth === levels.length - 1;
    const places: Place[] = [];
    for (let i = 0; i < items.length && i < maxCount; i++) {
      const item: unknown = items[i];
      const frame = isFramed
        ? new ItemFrame(item, outer === undefined ? String(i) : `${outer.at}.${i}`, outer)
        : undefined;
      if (isInnermost || frame === undefined) places.push(this.#callFor(frame ?? item));
      else {
        const place = this.#innerList(depth + 1, frame);
        if (place === undefined) return undefined;
        places.push(place);
      }
    }
    for (let i = maxCount; i < items.length; i++) {
      this.#miss(outer === undefined ? String(i) : `${outer.at}.${i}`, 'skipped');
      // A required call has no value for a missing item: the list ends, and the report names the rest.
      if (call.need === 'optional')
        places.push(isInnermost ? beyond : { items: [], missing: this.#missingList(depth, 'skipped') });
    }
    return places;
  }

  #innerList(depth: number, frame: ItemFrame): InnerList | undefined {
    const { levels, call, name } = this.#each;
    const { itemPart, when, over } = levels[depth]!;
    const part = itemPart?.(this.#run, frame) as Part<unknown> | undefined;
    if (part?.ok === false) {
      if (part === ruledOutPart) return { items: [], missing: ruledOutPart };
      this.#miss(frame.at, 'skipped');
      return { items: [], missing: missingParts.skipped };
    }
    const list = when === undefined || when(this.#run, frame) === true ? (over(this.#run, frame) ?? []) : [];
    if (Array.isArray(list)) {
      const items = this.#gather(list, depth, frame);
      return items && { items, missing: undefined };
    }
    if (call.need !== 'optional') {
      this.#run.refuse(refused('GW_UPSTREAM_BAD_PAYLOAD', { part: name }));
      return undefined;
    }
    this.#miss(frame.at, 'bad_payload');
    return { items: [], missing: this.#missingList(depth - 1, 'bad_payload') };
  }

  /** The part for a list in the items of that depth, where such a list may be missing; otherwise it is empty. */
  #missingList(depth: number, status: MissingStatus): Part<never> | undefined {
    return this.isPartAt(depth + 1) ? missingParts[status] : undefined;
  }

  /** Nothing was sent so far, and half of the changes are worse than none. */
  #refuseTooMany(count: number, maxCount: number): undefined {
    const { isOfInput, name, call } = this.#each;
    distrustResponses(call, this.#run);
    const detail = `${count} items, where at most ${maxCount} are taken`;
    this.#run.refuse(isOfInput ? refused('GW_INVALID_INPUT', { part: name, detail }) : badPayloadOf(name, detail));
    return undefined;
  }

  #callFor(item: unknown): number {
    // Two equal items are two changes.
    const key = this.#each.call.need === 'write' ? this.#asked.length : this.#keyOf(item);
    let at = this.#calls.get(key);
    if (at === undefined) {
      at = this.#asked.length;
      this.#calls.set(key, at);
      this.#asked.push(item);
      this.#results.push(undefined);
    }
    return at;
  }

  #ask(): void {
    this.#left = this.#asked.length;
    this.#queue = new CallQueue({
      call: this.#each.call,
      run: this.#run,
      asker: this,
      values: this.#asked,
      concurrency: this.#each.concurrency,
      ...(this.#each.call.need === 'write' && { labelOf: (at: number) => this.#labelOf(at) }),
    });
    if (this.#left === 0) this.#finish();
    else this.#queue.start();
  }

  #labelOf(at: number): string {
    const item = this.#asked[at];
    return `${this.#each.name}[${item instanceof ItemFrame ? item.at.replaceAll('.', '][') : at}]`;
  }

  #keyOf(item: unknown): unknown {
    const { itemReads } = this.#each;
    const single = itemReads.length === 1 ? itemReads[0]!(this.#run, item) : undefined;
    if (typeof single === 'string' || typeof single === 'number') return single;
    return `\0${textOf(itemReads.map((read) => read(this.#run, item)))}`;
  }

  #there(value: unknown): unknown {
    return this.#each.hasParts ? { ok: true, value } : value;
  }

  #instead(part: Part<never>): unknown {
    return this.#each.fallback === undefined ? part : this.#each.fallback.value;
  }

  #keepHeaders(at: number, headers: ResponseFields | undefined): void {
    if (this.#headers !== undefined && this.#results[at] === undefined) this.#headers[at] = headers;
  }

  #settle(at: number, value: unknown, missing: MissingStatus | undefined): void {
    if (this.#results[at] !== undefined) return;
    this.#results[at] = { value, missing };
    if (--this.#left === 0) this.#finish();
    else this.#queue?.ended();
  }

  #miss(index: string, status: MissingStatus): void {
    (this.#uncalled ??= {})[index] = status;
  }

  #finish(): void {
    const values = valuesAt(this.#places, this);
    if (this.#uncalled !== undefined) this.#run.note(this.#slot, { items: this.#uncalled });
    const headers = this.#headers;
    this.#run.succeeded(this.#slot, values, headers && headersAt(this.#places, (call) => headers[call]));
  }

  valueOf(call: number, above: string, index: number): unknown {
    const result = this.#results[call]!;
    if (result.missing !== undefined) this.#miss(`${above}${index}`, result.missing);
    return result.value;
  }

  valueBeyond(): unknown {
    return this.#instead(missingParts.skipped);
  }

  isPartAt(depth: number): boolean {
    return this.#each.levels[depth]?.itemPart !== undefined;
  }
}
