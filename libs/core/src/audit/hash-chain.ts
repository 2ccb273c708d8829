import { createHash, randomBytes } from 'node:crypto';

/** The members that make a line of an audit log a link of a chain. */
interface Link {
  /** Of the process that wrote it: the lines of several processes in one file are several chains. */
  readonly chain: string;
  /** From 0. */
  readonly seq: number;
  /** Of the line before it in its chain; for the first line, of the last line that the file had. Empty where there is none. */
  readonly prev: string;
}

/** The hash of a line: SHA-256 of its text without the end of the line, in hexadecimal digits. */
export const lineHash = (line: string): string => createHash('sha256').update(line).digest('hex');

/** Makes lines in which each has the hash of the one before it. */
export class HashChain {
  readonly #chain = randomBytes(8).toString('hex');
  #seq = 0;
  #prev: string;

  /** @param after the hash of the last line that stands before this chain; empty where there is none */
  constructor(after: string) {
    this.#prev = after;
  }

  /** @param members as JSON, with its braces @returns the line without an end */
  link(members: string): string {
    const head = `{"chain":"${this.#chain}","seq":${this.#seq},"prev":"${this.#prev}"`;
    const line = members === '{}' ? `${head}}` : `${head},${members.slice(1)}`;
    this.#seq += 1;
    this.#prev = lineHash(line);
    return line;
  }
}

/** One chain of a log. */
export interface VerifiedChain {
  readonly chain: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Compare it with one that you keep elsewhere: lines that are cut off at the end leave no other trace. */
  readonly lastHash: string;
}

export interface VerifiedLog {
  readonly lines: number;
  /** Lines that are no links. */
  readonly others: number;
  readonly chains: readonly VerifiedChain[];
  /** The first line that does not fit; undefined where all do. Lines count from 1. */
  readonly broken?: { readonly line: number; readonly reason: string };
}

/** Follows the chains of a log, line by line, over all of its files in the order in which they were written. */
export class ChainVerifier {
  readonly #chains = new Map<string, { firstSeq: number; lastSeq: number; lastHash: string }>();
  readonly #hashes = new Set<string>();
  #lines = 0;
  #others = 0;
  #broken: VerifiedLog['broken'];

  /** @returns false from the first line on that does not fit */
  take(line: string): boolean {
    if (this.#broken !== undefined) return false;
    this.#lines += 1;
    const link = linkOf(line);
    if (link === undefined) this.#others += 1;
    const reason = link && this.#misfit(link);
    if (reason !== undefined) this.#broken = { line: this.#lines, reason };
    else if (link !== undefined) this.#keep(link, lineHash(line));
    return this.#broken === undefined;
  }

  result(): VerifiedLog {
    return {
      lines: this.#lines,
      others: this.#others,
      chains: [...this.#chains].map(([chain, rest]) => ({ chain, ...rest })),
      ...(this.#broken && { broken: this.#broken }),
    };
  }

  #misfit({ chain, seq, prev }: Link): string | undefined {
    const before = this.#chains.get(chain);
    if (before !== undefined) {
      if (seq !== before.lastSeq + 1) return `it is number ${seq} of its chain, and follows number ${before.lastSeq}`;
      return prev === before.lastHash ? undefined : 'it does not have the hash of the line before it';
    }
    // A chain that goes on from a file that is not here; so may its first line.
    if (seq > 0 || prev === '' || this.#hashes.size === 0) return undefined;
    return this.#hashes.has(prev) ? undefined : 'it follows a line that is not there';
  }

  #keep({ chain, seq }: Link, hash: string): void {
    this.#hashes.add(hash);
    const before = this.#chains.get(chain);
    this.#chains.set(chain, { firstSeq: before?.firstSeq ?? seq, lastSeq: seq, lastHash: hash });
  }
}

function linkOf(line: string): Link | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const { chain, seq, prev }: { chain?: unknown; seq?: unknown; prev?: unknown } = value;
    if (typeof chain !== 'string' || typeof prev !== 'string') return undefined;
    return typeof seq === 'number' && Number.isSafeInteger(seq) ? { chain, seq, prev } : undefined;
  } catch {
    return undefined;
  }
}
