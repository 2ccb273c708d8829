import {
  Cancellation,
  channels,
  fail,
  handOut,
  isInexact,
  noteKept,
  share,
  type CacheUsed,
  type CallArgs,
  type Failure,
  type Outcome,
  type Success,
  type Warning,
} from '@frontage/core';
import { cacheKey, type Asker } from './cache-key.js';
import { flightKey, type CacheParts, type Reading } from './cache-parts.js';
import type { FollowedEntries } from './followed-entries.js';
import { entryOf, presentResponse, validated, type FollowedEntry } from './http/entry-of.js';
import type { ResponseHead } from './http/fields.js';
import { kindOf, type Asking, type FollowedLoad, type FollowedOperationOptions } from './http/followed.options.js';
import { NotShared } from './http/not-shared.js';
import { endsOlder, isOutage } from './http/outage.js';
import { judge, mayStandIn } from './http/reuse.js';
import { confirms, validatorsOf } from './http/validation.js';
import { ChangeWatch } from './invalidation/change-watch.js';
import { addressMark, keyMark, operationMark, type Mark } from './invalidation/marks.js';
import type { TagsOf } from './invalidation/tag-template.js';
import { FollowedLevel, type SharedRead } from './shared/followed-level.js';
import type { Waiter } from './single-flight.js';

const nothingStored = fail('GW_UPSTREAM_FAILED', { status: 'skipped', detail: 'only-if-cached: nothing is stored' });

/**
 * The cache of one operation by the rules of its upstream: RFC 9111, with RFC 5861 and, where policy names its fields, RFC 9213. Values are
 * handed out as those of `CachedOperation` are.
 */
export class FollowedOperation {
  readonly #options: FollowedOperationOptions;
  readonly #parts: CacheParts;
  readonly #entries: FollowedEntries;
  readonly #level: FollowedLevel;
  readonly #mark: Mark;
  readonly #notShared = new NotShared();

  /** Made by `OperationCache.followed`. */
  constructor(options: FollowedOperationOptions, parts: CacheParts, entries: FollowedEntries) {
    this.#options = options;
    this.#parts = parts;
    this.#entries = entries;
    this.#mark = operationMark(`${options.upstream}.${options.operation}`);
    this.#level = new FollowedLevel(parts.clock, this.#mark);
    parts.invalidations.add(this.#mark);
  }

  /**
   * See {@link cacheKey}. The key for several callers holds all headers that a client can set, so that one that its upstream forgot
   * in `Vary` changes nothing for others.
   */
  key(args: CallArgs, asker: Asker | undefined, forwarded: readonly (string | undefined)[]): string {
    return cacheKey(this.#options, args, asker, kindOf(this.#options.scope) === 'shared' ? forwarded : []);
  }

  /** The tags of a call; undefined where it has more than a response may have, so that it is not to be kept. */
  tags(...call: Parameters<TagsOf>): readonly Mark[] | undefined {
    return this.#options.tagsOf === undefined ? [] : this.#options.tagsOf(...call);
  }

  /** The response if this process has it fresh, without a promise. */
  peek(key: string, asking: Asking, noteUse?: Waiter['noteUse']): Success<unknown> | undefined {
    const now = this.#parts.clock.now();
    const found = this.#entries.find(key, asking.sent, now);
    if (found === undefined || judge(found, now, asking.directives) !== 'fresh') return undefined;
    return this.#give(found, now, 'hit', noteUse);
  }

  /**
   * For a key of which {@link peek} has nothing: the response as its terms permit, or from `load`. Concurrent requests share one load as far as
   * its response may be given to each of them; the others load it themselves.
   */
  async getOrLoad(
    key: string,
    asking: Asking,
    waiter: Waiter,
    load: FollowedLoad,
    tags: readonly Mark[] = [],
  ): Promise<Outcome<unknown>> {
    const { clock, flights } = this.#parts;
    const now = clock.now();
    const found = this.#entries.find(key, asking.sent, now);
    const verdict = found === undefined ? 'validate' : judge(found, now, asking.directives);
    const marks = [addressMark(this.#options.upstream, asking.target), ...tags];
    const reading = this.#reading({ key, asking, found, marks, load }, waiter);
    if (found !== undefined && verdict !== 'validate') {
      if (verdict === 'stale') this.#refresh({ ...reading, noteUse: undefined });
      return this.#give(found, now, verdict === 'fresh' ? 'hit' : 'stale', waiter.noteUse);
    }
    if (asking.directives?.restricts('only-if-cached') === true) return nothingStored;
    const alone = async (): Promise<Outcome<unknown>> =>
      this.#orOlder(await this.#load({ ...reading, isShared: false }, waiter.cancellation), reading);
    if (!reading.isShared) return alone();
    const role = { loads: false };
    const outcome = await flights.run(
      flightKey(key, asking),
      waiter,
      (flight) => {
        role.loads = true;
        return this.#load(reading, flight);
      },
      () => reading.watch.isCurrent,
    );
    if (role.loads || (!outcome.ok && isOutage(outcome))) return this.#orOlder(outcome, reading);
    const joined = this.#entries.find(key, asking.sent, clock.now());
    if (joined === undefined || judge(joined, clock.now(), undefined) !== 'fresh') return alone();
    return this.#give(joined, clock.now(), 'coalesced', waiter.noteUse);
  }

  /** Forgets the response to a request: a reader found that it is not what its contract says. */
  drop(key: string, asking: Asking): void {
    this.#entries.drop(key, asking.sent);
    this.#parts.shared?.delete(key);
  }

  #reading(
    asked: Pick<Reading, 'key' | 'asking' | 'found' | 'marks' | 'load'>,
    { deadlineAt, noteUse }: Waiter,
  ): Reading {
    const { key, asking, marks } = asked;
    const watch = new ChangeWatch(this.#parts.invalidations.log, [this.#mark, keyMark(key), ...marks]);
    const isShared = asking.directives === undefined && !this.#notShared.has(key, this.#parts.clock.now());
    return { ...asked, deadlineAt, noteUse, isShared, watch };
  }

  /** Loads a response in the background, unless that is under way; the one that is there stays until it has come. */
  #refresh(reading: Reading): void {
    const { flights } = this.#parts;
    const flying = flightKey(reading.key, reading.asking);
    if (flights.has(flying) || flights.isFull) return;
    this.#publish('refresh', undefined);
    const waiter = { cancellation: new Cancellation(), deadlineAt: reading.deadlineAt };
    flights
      .run(
        flying,
        waiter,
        (flight) => this.#load(reading, flight),
        () => reading.watch.isCurrent,
      )
      .catch((cause: unknown) => {
        const message = 'a cached response could not be loaded anew';
        channels.warning.publish({ from: 'caching', message, cause } satisfies Warning);
      });
  }

  /** The outcome, or a stale response that stands in for one that an upstream failed to give. */
  #orOlder(outcome: Outcome<unknown>, { key, asking, noteUse }: Reading): Outcome<unknown> {
    if (outcome.ok || !isOutage(outcome)) return handOut(outcome);
    const now = this.#parts.clock.now();
    const found = this.#entries.find(key, asking.sent, now);
    const mayBeGiven = found !== undefined && mayStandIn(found, now);
    return mayBeGiven ? this.#give(found, now, 'stale', noteUse) : handOut<Failure>(outcome);
  }

  async #load(reading: Reading, flight: Cancellation): Promise<Outcome<unknown>> {
    const { clock, shared, invalidations } = this.#parts;
    const [{ asking, noteUse }, startedAt] = [reading, clock.now()];
    reading.watch.begin();
    const tier = reading.isShared && invalidations.areShared ? shared : undefined;
    const read = tier && (await this.#level.find(tier, reading, flight));
    const known = this.#laterOf(read, reading);
    const now = clock.now();
    if (known !== undefined && known !== reading.found && judge(known, now, undefined) === 'fresh') {
      if (read?.place !== undefined) tier?.release(read.place);
      return this.#give(known, now, 'hit', noteUse);
    }
    let kept: FollowedEntry | undefined;
    try {
      let loaded = await reading.load(flight, known === undefined ? [] : validatorsOf(known.head.fields));
      if (loaded.isNotModified) {
        if (known !== undefined && loaded.head !== undefined && confirms(loaded.head.fields, known.head.fields)) {
          this.#publish('revalidated', noteUse);
          const { response, head } = validated(known, loaded.head, this.#options);
          kept = this.#keep(reading, response, head, startedAt);
          return response;
        }
        // It is about another response than ours.
        loaded = await reading.load(flight, []);
      }
      this.#publish(read?.hasFailed === true ? 'error' : 'miss', noteUse);
      const outcome = share(loaded.outcome);
      const { head } = loaded;
      if (outcome.ok) kept = head === undefined ? undefined : this.#keep(reading, outcome, head, startedAt);
      // A response of now ends the use of those before it.
      else if (head !== undefined && endsOlder(head.status)) this.drop(reading.key, asking);
      return outcome;
    } finally {
      const place = read?.place;
      if (place !== undefined && kept !== undefined && !isInexact(kept.response.value))
        tier?.keep(...this.#level.recordOf(place, kept, asking.sent));
      else if (place !== undefined) tier?.release(place);
    }
  }

  /** The stored response, or the one that another process loaded if that is later. */
  #laterOf(read: SharedRead | undefined, { key, asking, found, marks, watch }: Reading): FollowedEntry | undefined {
    if (read?.found === undefined || !watch.isCurrent) return found;
    const { response, head } = read.found;
    if (found !== undefined && head.receivedAt <= found.head.receivedAt + 1) return found;
    const arrival = { response: share(response), head, asking, loadMs: 0 };
    const entry = entryOf(this.#options, arrival, this.#parts.clock.now());
    if (entry === undefined) return found;
    this.#store(key, asking, entry, marks);
    return entry;
  }

  /** Stores a response if its terms permit. One that they do not permit takes the place of the stored one too. */
  #keep(
    { key, asking, marks, watch }: Reading,
    response: Success<unknown>,
    head: ResponseHead,
    startedAt: number,
  ): FollowedEntry | undefined {
    const now = this.#parts.clock.now();
    const entry = watch.isCurrent
      ? entryOf(this.#options, { response, head, asking, loadMs: now - startedAt }, now)
      : undefined;
    this.#notShared.note(key, now, entry !== undefined && judge(entry, now, undefined) === 'fresh');
    if (entry === undefined) this.drop(key, asking);
    else this.#store(key, asking, entry, marks);
    return entry;
  }

  #store(key: string, { sent }: Asking, entry: FollowedEntry, marks: readonly Mark[]): void {
    this.#entries.drop(key, sent);
    this.#entries.keep(key, sent, entry, marks);
    const { response, bornAt, expiresAt } = entry;
    noteKept(response, { storedAt: bornAt, freshUntil: expiresAt, isPublic: this.#options.scope === 'public' });
  }

  #give(entry: FollowedEntry, now: number, result: CacheUsed['result'], noteUse: Waiter['noteUse']): Success<unknown> {
    this.#publish(result, noteUse);
    return presentResponse(entry, now, this.#options);
  }

  #publish(result: CacheUsed['result'], noteUse: Waiter['noteUse']): void {
    noteUse?.(result, this.#parts.clock.now());
    if (!channels.cacheUsed.hasSubscribers) return;
    const { upstream, operation } = this.#options;
    channels.cacheUsed.publish({ upstream, operation, result } satisfies CacheUsed);
  }
}
