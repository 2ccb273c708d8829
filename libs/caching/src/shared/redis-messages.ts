import type { RedisStore, StoreKey, StoreNamespace, StoreStream, StreamEntry } from '@frontage/store';
import { everything, isMark, type Invalidated, type Mark } from '../invalidation/marks.js';
import { invalidatedBy } from '../invalidation/requests.js';
import { newId } from './new-id.js';
import { applyScript, goneSign, removeScript, tellScript } from './tier-scripts.js';

/** Time for which an invalidated key keeps loads of before from writing, in milliseconds; no load takes that long. */
const goneMs = 600_000;

/** Entries of the stream that are kept, about. */
const streamLength = 10_000;

/** No record is older. */
const cursorMs = 172_800_000;

/** The field of an entry that this lib has written: the shared tier has been told, and all others are marks. */
const ownField = 'by';

export interface InvalidationListener {
  hear(invalidated: Invalidated): void;
  /** The marks of everything that this process may have written. */
  all(): readonly Mark[];
  /** The shared tier could not be told: it is told again. */
  failed(invalidated: Invalidated): void;
}

/** Invalidations among the processes of an app and other systems, by a stream in the store of the app. */
export class RedisMessages {
  readonly #store: RedisStore;
  readonly #marks: StoreNamespace;
  readonly #records: StoreNamespace;
  readonly #keys: StoreNamespace;
  readonly #stream: StoreStream;
  #hasRead = false;
  readonly #firstRead = Promise.withResolvers<void>();
  /** Entries of other systems that are being applied. */
  #applying: Promise<void> = Promise.resolve();

  constructor(store: RedisStore) {
    this.#store = store;
    this.#marks = store.namespace('cache-marks');
    this.#records = store.namespace('cache');
    this.#keys = store.namespace('invalidations');
    this.#stream = store.stream('invalidations');
  }

  /** False at the start, until the shared tier knows all that other systems have written meanwhile. */
  get hasRead(): boolean {
    return this.#hasRead;
  }

  /** Resolves once {@link hasRead} is true, or when the store is down. */
  async untilRead(): Promise<void> {
    if (this.#store.isUp) await this.#firstRead.promise;
  }

  /** Reads in the background from now on. */
  listen(listener: InvalidationListener): void {
    this.#stream.start({
      from: async () => (await this.#store.get(this.#cursor))?.toString(),
      entries: (entries) => this.#hear(entries, listener),
      caughtUp: () =>
        void this.#applying.then(() => {
          this.#hasRead = true;
          this.#firstRead.resolve();
        }),
      gap: () => {
        listener.hear(everything);
        const { tokens } = this.#keysOf(listener.all());
        this.#store
          .evaluate(removeScript, [this.#cursor, ...tokens], [tokens.length])
          .catch(() => listener.failed(everything));
      },
    });
  }

  /**
   * Invalidates in Redis, and tells all processes.
   * @param marks those of everything, where `isEverything`
   * @throws StoreDownError (rejects)
   */
  async tell(marks: readonly Mark[], isEverything: boolean): Promise<void> {
    const { tokens, records } = this.#keysOf(marks);
    const fields = isEverything ? ['all', '1'] : marks.flatMap((mark) => ['mark', mark]);
    const args = [tokens.length, goneSign + newId(), goneMs, streamLength, ownField, 'frontage', ...fields];
    await this.#store.evaluate(tellScript, [this.#keys.key('stream'), ...tokens, ...records], args);
  }

  stop(): Promise<void> {
    return this.#stream.stop();
  }

  get #cursor(): StoreKey {
    return this.#keys.key('cursor');
  }

  #hear(entries: readonly StreamEntry[], listener: InvalidationListener): void {
    const foreign: Invalidated[] = [];
    for (const { fields } of entries) {
      const isOwn = fields[0]?.[0] === ownField;
      const invalidated = isOwn ? marksOf(fields) : invalidatedBy(fields);
      listener.hear(invalidated);
      if (!isOwn) foreign.push(invalidated);
    }
    const last = entries.at(-1)?.id;
    if (foreign.length === 0 || last === undefined) return;
    const isEverything = foreign.includes(everything);
    const marks = isEverything ? listener.all() : foreign.flatMap((one) => (one === everything ? [] : one));
    const { tokens, records } = this.#keysOf(marks);
    const args = [tokens.length, goneSign + newId(), goneMs, last, cursorMs];
    const applied = this.#store.evaluate(applyScript, [this.#cursor, ...tokens, ...records], args).then(
      () => undefined,
      () => listener.failed(isEverything ? everything : marks),
    );
    this.#applying = this.#applying.then(() => applied);
  }

  #keysOf(marks: readonly Mark[]): { readonly tokens: readonly StoreKey[]; readonly records: readonly StoreKey[] } {
    const isKey = (mark: Mark): boolean => mark.startsWith('key:');
    return {
      tokens: marks.filter((mark) => !isKey(mark)).map((mark) => this.#marks.key(mark)),
      records: marks.filter(isKey).map((mark) => this.#records.key(mark.slice('key:'.length))),
    };
  }
}

/** Those of an entry that {@link RedisMessages.tell} has written. */
const marksOf = (fields: StreamEntry['fields']): Invalidated =>
  fields.some(([name]) => name === 'all')
    ? everything
    : fields.flatMap(([name, value]) => (name === 'mark' && isMark(value) ? [value] : []));
