import { channels, type Clock, type Warning } from '@frontage/core';
import type { CredentialFacts } from '../token/proof.js';

/** The credentials that are refused although they are good by themselves. */
export interface RevocationCheck {
  /** Changes when a credential is revoked: proofs from before are compared again. */
  readonly epoch: number;
  isRevoked(facts: CredentialFacts): boolean;
}

/** For an app that revokes nothing. */
export const noRevocations: RevocationCheck = { epoch: 0, isRevoked: () => false };

/** A request to refuse credentials. */
export type Revocation =
  /** One token by its `jti`, or one API key by its id. */
  | { readonly id: string }
  /** All credentials of a caller that were issued before now. */
  | { readonly subject: string }
  /** All tokens that were issued before this time, in milliseconds since 1970. API keys stay. */
  | { readonly issuedBefore: number };

/** The revocations of all processes of an app. An entry has a name, and a text as its value. */
export interface RevocationTable {
  /** Changes with each change of the table. */
  version(): Promise<string>;
  entries(): Promise<ReadonlyMap<string, string>>;
  put(name: string, value: string): Promise<void>;
  remove(names: readonly string[]): Promise<void>;
}

export interface RevocationOptions {
  /** A revocation is kept for this long, in milliseconds: not less than the longest life of a token. */
  readonly keepMs: number;
  /** The table that the processes of the app share. @default each process by itself */
  readonly table?: RevocationTable;
  readonly clock: Clock;
}

/** Time between two looks at the shared table, in milliseconds. */
const lookMs = 1_000;
/** Beyond this, `issuedBefore` is the way: a table without a bound could be filled. */
const maxEntries = 100_000;
const maxTextLength = 256;
/** Entries that one look writes at most to a table that lacks them. */
const writtenPerLook = 1_000;

interface Entry {
  /** Wall-clock milliseconds: credentials that were issued before it are refused. */
  readonly before: number;
  /** Wall-clock milliseconds after which the entry is not needed. */
  readonly until: number;
}

/**
 * Revoked credentials. The process that is told refuses them at once, the other processes of the app within a second. While the shared table
 * cannot be read, the revocations that are known stay in force; those that it lacks when it is back are written to it.
 */
export class Revocations implements RevocationCheck {
  readonly #keepMs: number;
  readonly #table: RevocationTable | undefined;
  readonly #clock: Clock;
  #entries: ReadonlyMap<string, Entry> = new Map();
  #version = '';
  #epoch = 0;
  #timer: unknown;
  #failing = false;
  #isStopped = false;
  /** Names of entries that the shared table lacks, as far as this process knows. */
  readonly #owed = new Set<string>();

  constructor({ keepMs, table, clock }: RevocationOptions) {
    this.#keepMs = keepMs;
    this.#table = table;
    this.#clock = clock;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get size(): number {
    return this.#entries.size;
  }

  get isShared(): boolean {
    return this.#table !== undefined;
  }

  isRevoked({ subject, id, issuedAt = Number.NEGATIVE_INFINITY, isKey = false }: CredentialFacts): boolean {
    if (this.#entries.size === 0) return false;
    const now = this.#clock.wallTime();
    const refuses = (name: string): boolean => {
      const entry = this.#entries.get(name);
      return entry !== undefined && entry.until > now && issuedAt < entry.before;
    };
    return (id !== undefined && refuses(`id ${id}`)) || refuses(`subject ${subject}`) || (!isKey && refuses('all'));
  }

  /**
   * @throws RangeError for a text that is empty or too long, a time in the future, or more than 100,000 revocations
   * @throws Error (rejects) where the shared table takes no entry: then no process refuses the credential but this one
   */
  async revoke(revocation: Revocation): Promise<void> {
    const now = this.#clock.wallTime();
    const name = nameOf(revocation, now);
    const before =
      'id' in revocation ? Number.MAX_SAFE_INTEGER : 'subject' in revocation ? now + 1 : revocation.issuedBefore;
    const old = this.#entries.get(name);
    const live = new Map([...this.#entries].filter(([, { until }]) => until > now));
    if (live.size >= maxEntries && !live.has(name))
      throw new RangeError(`${maxEntries} revocations are in force; revoke all tokens that were issued before now`);
    const entry = { before: Math.max(before, old?.before ?? 0), until: now + this.#keepMs };
    this.#take(live.set(name, entry));
    if (this.#table === undefined) return;
    this.#owed.add(name);
    await this.#table.put(name, `${entry.before} ${entry.until}`);
    this.#owed.delete(name);
    await this.#table.remove(
      [...(await this.#table.entries())].flatMap(([key, text]) => (isOver(text, now) ? [key] : [])),
    );
  }

  /** Reads the shared table, now and once a second until {@link stop}. Never rejects. */
  async start(): Promise<void> {
    if (this.#table === undefined || this.#isStopped) return;
    await this.#look(this.#table);
    this.#again();
  }

  #again(): void {
    if (this.#isStopped) return;
    this.#timer = this.#clock.setTimer(() => void this.start(), lookMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#clock.clearTimer(this.#timer);
  }

  async #look(table: RevocationTable): Promise<void> {
    try {
      const version = await table.version();
      if (version !== this.#version) {
        const read = new Map<string, Entry>();
        for (const [name, text] of await table.entries()) {
          const [before, until] = text.split(' ').map(Number);
          if (before !== undefined && until !== undefined) read.set(name, { before, until });
        }
        this.#version = version;
        // A revocation whose entry did not arrive, or that the table has lost, stays in force here.
        const now = this.#clock.wallTime();
        for (const [name, entry] of this.#entries) {
          if (read.has(name) || entry.until <= now) continue;
          read.set(name, entry);
          this.#owed.add(name);
        }
        this.#take(read);
      }
      await this.#writeOwed(table);
      this.#failing = false;
    } catch (cause) {
      if (!this.#failing) this.#warn(cause);
      this.#failing = true;
    }
  }

  async #writeOwed(table: RevocationTable): Promise<void> {
    for (const name of [...this.#owed].slice(0, writtenPerLook)) {
      const entry = this.#entries.get(name);
      if (entry !== undefined) await table.put(name, `${entry.before} ${entry.until}`);
      this.#owed.delete(name);
    }
  }

  #take(entries: ReadonlyMap<string, Entry>): void {
    this.#entries = entries;
    this.#epoch++;
  }

  #warn(cause: unknown): void {
    const message = 'revocations cannot be read from the shared store: new ones of other processes are not known here';
    if (channels.warning.hasSubscribers) channels.warning.publish({ from: 'auth', message, cause } satisfies Warning);
  }
}

const isOver = (text: string, now: number): boolean => Number(text.split(' ')[1]) <= now;

function nameOf(revocation: Revocation, now: number): string {
  if ('issuedBefore' in revocation) {
    const { issuedBefore } = revocation;
    if (issuedBefore > 0 && issuedBefore <= now + 60_000) return 'all';
    throw new RangeError('issuedBefore is not in the past; write "now", or a time such as 2026-11-30T08:00:00Z');
  }
  const [kind, text] = 'id' in revocation ? ['id', revocation.id] : ['subject', revocation.subject];
  if (text === '' || text.length > maxTextLength)
    throw new RangeError(`${kind} is empty, or longer than ${maxTextLength} characters`);
  return `${kind} ${text}`;
}
