import type { CallingRun, CompiledPages, RequestedCall } from '../run/compiled.js';
import { ownMemberOf } from '../run/own-member.js';
import { itemsIn } from '../run/page-items.js';
import { atOnce, type MissingStatus, type ResponseFields } from '@frontage/core';
import { refused } from '../run/plan-result.js';
import { startCall } from './compiled-call.js';
import { noteNoList } from './violation-finder.js';
import type { CallAsker } from '../run/run-state.js';
import type { MissingPart } from '../model/parts-report.js';
import type { Cursor } from '../model/nodes.js';

/** The calls of one `pages` in one request, one after the other. */
export class PagesRun implements CallAsker {
  readonly #pages: CompiledPages;
  readonly #run: CallingRun;
  readonly #slot: number;
  readonly #items: unknown[] = [];
  /** The cursors that were followed: an upstream that repeats one would be asked for ever. */
  readonly #seen = new Set<Cursor>();
  #cursor: Cursor;
  #count = 0;
  /** By page; undefined where nothing reads them. */
  readonly #headers: (ResponseFields | null)[] | undefined;
  /** The fallback of a page; the report names the failure of that page. */
  #fallbackUsed: MissingPart | undefined;

  constructor(pages: CompiledPages, run: CallingRun, slot: number) {
    this.#pages = pages;
    this.#headers = pages.keepsHeaders ? [] : undefined;
    this.#run = run;
    this.#slot = slot;
  }

  start(): void {
    startCall(this.#requested());
  }

  succeeded(at: number, page: unknown, headers?: ResponseFields): void {
    if (at !== this.#count) return;
    const items = itemsIn(page, this.#pages.items);
    if (items === undefined) return this.#unreadable();
    for (const item of items) this.#items.push(item);
    this.#count++;
    this.#headers?.push(headers ?? null);
    const cursor = this.#nextOf(page, headers ?? {});
    const { maxPages, maxItems } = this.#pages;
    if (this.#items.length > maxItems || (this.#items.length === maxItems && cursor !== undefined)) {
      this.#items.length = maxItems;
      return this.#stop('skipped');
    }
    if (cursor === undefined) return this.#finish();
    if (this.#count >= maxPages) return this.#stop('skipped');
    if (this.#seen.has(cursor)) return this.#unreadable();
    this.#seen.add(cursor);
    this.#cursor = cursor;
    return this.start();
  }

  fellBack(at: number, page: unknown, missing: MissingPart, headers?: ResponseFields): void {
    if (at !== this.#count) return;
    const items = itemsIn(page, this.#pages.items);
    if (items === undefined) return this.failed(at, missing.status);
    // The fallback is a page like another, and names the page that follows it.
    this.#fallbackUsed ??= missing;
    return this.succeeded(at, page, headers);
  }

  failed(at: number, status: MissingStatus): void {
    if (at !== this.#count) return;
    if (at === 0) this.#run.failed(this.#slot, status);
    else this.#stop(status);
  }

  ruledOut(at: number): void {
    if (at === 0) this.#run.ruledOut(this.#slot);
    else this.#finish();
  }

  /** At the deadline, the list ends with the items that have arrived. */
  expire(fail: (late: RequestedCall) => void): void {
    fail(this.#requested());
  }

  #requested(): RequestedCall {
    return { call: this.#pages.call, run: this.#run, item: this.#cursor, asker: this, at: this.#count };
  }

  #nextOf(page: unknown, headers: ResponseFields): Cursor {
    const { next } = this.#pages;
    const cursor =
      typeof next === 'string'
        ? ownMemberOf(page, next)
        : atOnce(next(page, this.#count, headers), `next of the pages '${this.#pages.name}'`);
    return (typeof cursor === 'string' && cursor !== '') || typeof cursor === 'number' ? cursor : undefined;
  }

  #unreadable(): void {
    const { call, name } = this.#pages;
    noteNoList(call, this.#run);
    if (call.need === 'optional') return this.failed(this.#count, 'bad_payload');
    return this.#run.refuse(refused('GW_UPSTREAM_BAD_PAYLOAD', { part: name }));
  }

  /** The list ends here, although there are more items. */
  #stop(status: MissingStatus): void {
    this.#run.note(this.#slot, { status, source: 'none', from: this.#items.length });
    this.#run.succeeded(this.#slot, this.#items, this.#headers);
  }

  #finish(): void {
    if (this.#fallbackUsed !== undefined) this.#run.note(this.#slot, this.#fallbackUsed);
    this.#run.succeeded(this.#slot, this.#items, this.#headers);
  }
}
