import type { CallingRun, CompiledBatch, CompiledKeys, RequestedCall } from '../run/compiled.js';
import type { MissingStatus, ResponseFields } from '@frontage/core';
import { refused } from '../run/plan-result.js';
import { ownMemberOf } from '../run/own-member.js';
import { CallQueue } from './call-queue.js';
import { noteNoList } from './violation-finder.js';
import type { CallAsker } from '../run/run-state.js';
import type { MissingPart } from '../model/parts-report.js';

type Key = string | number;

/** The calls of one `batch` in one request. */
export class BatchRun implements CallAsker {
  readonly #batch: CompiledBatch;
  readonly #run: CallingRun;
  readonly #slot: number;
  readonly #rows = new Map<unknown, unknown>();
  readonly #chunks: Key[][] = [];
  readonly #ended: boolean[] = [];
  /** By chunk; undefined where nothing reads them. */
  readonly #headers: (ResponseFields | null)[] | undefined;
  #queue: CallQueue | undefined;
  #left = 0;
  #missing: Record<string, MissingStatus> | undefined;
  /** True if a source of keys was not the list that its contract declares. */
  #unreadable = false;

  constructor(batch: CompiledBatch, run: CallingRun, slot: number) {
    this.#batch = batch;
    this.#headers = batch.keepsHeaders ? [] : undefined;
    this.#run = run;
    this.#slot = slot;
  }

  start(): void {
    const { call, keys, maxCount, size, concurrency, when } = this.#batch;
    if (when !== undefined && when(this.#run, undefined) !== true) return this.#finish();
    const asked = new Set<Key>();
    let failed = 0;
    for (const source of keys) {
      const missing = source.missing?.(this.#run);
      if (missing === undefined) this.#collect(source, undefined, asked);
      else if (missing === 'failed') failed++;
    }
    if (this.#unreadable) noteNoList(call, this.#run);
    if (this.#unreadable && call.need === 'required')
      return this.#run.refuse(refused('GW_UPSTREAM_BAD_PAYLOAD', { part: this.#batch.name }));
    if (this.#unreadable) this.#run.note(this.#slot, { status: 'bad_payload', source: 'none' });
    else if (failed === keys.length) this.#run.note(this.#slot, { status: 'skipped', source: 'none' });
    const list = [...asked];
    for (let from = 0; from < Math.min(list.length, maxCount); from += size)
      this.#chunks.push(list.slice(from, Math.min(from + size, maxCount)));
    for (const beyond of list.slice(maxCount)) this.#miss(beyond, 'skipped');
    this.#headers?.push(...this.#chunks.map(() => null));
    this.#left = this.#chunks.length;
    this.#queue = new CallQueue({ call, run: this.#run, asker: this, values: this.#chunks, concurrency });
    if (this.#left === 0) return this.#finish();
    return this.#queue.start();
  }

  succeeded(at: number, value: unknown, headers?: ResponseFields): void {
    if (this.#ended[at] === true) return;
    this.#keepHeaders(at, headers);
    if (this.#take(value)) return this.#end(at);
    // The response is not the list that its contract declares.
    noteNoList(this.#batch.call, this.#run);
    if (this.#batch.call.need === 'optional') return this.failed(at, 'bad_payload');
    return this.#run.refuse(refused('GW_UPSTREAM_BAD_PAYLOAD', { part: this.#batch.name }));
  }

  failed(at: number, status: MissingStatus): void {
    if (this.#ended[at] === true) return;
    this.#take(this.#batch.fallback?.value);
    this.#missChunk(at, status);
  }

  fellBack(at: number, value: unknown, { status }: MissingPart, headers?: ResponseFields): void {
    if (this.#ended[at] === true) return;
    this.#keepHeaders(at, headers);
    this.#take(value);
    this.#missChunk(at, status);
  }

  ruledOut(at: number): void {
    this.#take(this.#batch.fallback?.value);
    this.#end(at);
  }

  /** At the deadline, the keys whose rows have not arrived are missing. */
  expire(fail: (late: RequestedCall) => void): void {
    this.#queue?.close();
    for (let at = 0; at < this.#chunks.length; at++)
      if (this.#ended[at] !== true)
        fail({ call: this.#batch.call, run: this.#run, item: this.#chunks[at], asker: this, at });
  }

  #collect(source: CompiledKeys, item: unknown, into: Set<Key>): void {
    const list = source.list(this.#run, item) ?? [];
    if (!Array.isArray(list)) {
      this.#unreadable = true;
      return;
    }
    for (const each of list as readonly unknown[]) {
      if (source.inner !== undefined && 'keys' in source.inner) {
        this.#collect(source.inner.keys, each, into);
        continue;
      }
      const key = source.inner === undefined ? each : source.inner.key(this.#run, each);
      if (typeof key === 'string' || typeof key === 'number') into.add(key);
    }
  }

  /** Puts the rows of a response into the table; false where it holds no list of rows. */
  #take(response: unknown): boolean {
    const { items, by } = this.#batch;
    const rows =
      items === undefined || response === null || response === undefined ? response : ownMemberOf(response, items);
    if (!Array.isArray(rows)) return false;
    for (const row of rows as readonly unknown[]) {
      const key = ownMemberOf(row, by);
      if (key !== undefined && key !== null) this.#rows.set(key, row);
    }
    return true;
  }

  #keepHeaders(at: number, headers: ResponseFields | undefined): void {
    if (this.#headers !== undefined && headers !== undefined) this.#headers[at] = headers;
  }

  #miss(key: Key, status: MissingStatus): void {
    (this.#missing ??= {})[key] = status;
  }

  #missChunk(at: number, status: MissingStatus): void {
    for (const key of this.#chunks[at] ?? []) this.#miss(key, status);
    this.#end(at);
  }

  #end(at: number): void {
    this.#ended[at] = true;
    if (--this.#left === 0) this.#finish();
    else this.#queue?.ended();
  }

  #finish(): void {
    if (this.#missing !== undefined) this.#run.note(this.#slot, { items: this.#missing });
    this.#run.succeeded(this.#slot, this.#rows, this.#headers);
  }
}
