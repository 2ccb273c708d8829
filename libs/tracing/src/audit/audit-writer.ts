import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { HashChain, lineHash } from '@frontage/core';
import { LogWriter } from '../logs/log-writer.js';

/** Events that wait for a slow disk; more are dropped and counted, and the app goes on. */
const MAX_WAITING = 10_000;
/** Bytes of one write; those of standard output are not mixed with those of other processes (PIPE_BUF of Linux). */
const FILE_BLOCK_BYTES = 65_536;
const STDOUT_BLOCK_BYTES = 4_096;
const RETRY_MS = 1_000;
/** Longest line that is looked for at the end of a file. */
const TAIL_BYTES = 65_536;
const NOTHING = Buffer.alloc(0);

/**
 * Writes events as lines of a hash chain. A line gets its hash when it is handed to the disk, so that events that are dropped leave no gap in
 * the chain: the next line says how many were lost.
 */
export class AuditWriter {
  readonly #writer: LogWriter;
  readonly #chain: HashChain;
  readonly #maxBlockBytes: number;
  readonly #timer: NodeJS.Timeout;
  readonly #onExit = (): void => this.writeNow();
  readonly #waiting: string[] = [];
  #isWriting = false;
  #dropped = 0;
  #lost = 0;

  /** @param file path; absent: standard output */
  constructor(file: string | undefined) {
    const tail = file === undefined ? undefined : tailOf(file);
    this.#chain = new HashChain(tail === undefined || tail.line === '' ? '' : lineHash(tail.line));
    this.#maxBlockBytes = file === undefined ? STDOUT_BLOCK_BYTES : FILE_BLOCK_BYTES;
    this.#writer = new LogWriter(file === undefined ? 'stdout' : { path: file }, () => {
      this.#isWriting = false;
      this.#next();
    });
    // A line that a full disk cut in two stays by itself.
    if (tail?.isTorn === true) this.#hand(Buffer.from('\n'));
    this.#timer = setInterval(() => this.#retry(), RETRY_MS).unref();
    process.once('exit', this.#onExit);
  }

  /** Events that were dropped. */
  get lost(): number {
    return this.#lost;
  }

  /** @param members as JSON, with its braces */
  write(members: string): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#dropped += 1;
      this.#lost += 1;
      return;
    }
    this.#waiting.push(members);
    this.#next();
  }

  /** Writes what waits before it returns: for a process that ends, within three seconds. */
  writeNow(): void {
    this.#writer.writeNow(this.#takeAll());
  }

  /** Resolves when everything is written, or a second after the last write that was taken. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    process.off('exit', this.#onExit);
    this.#writer.write(this.#takeAll());
    await this.#writer.end();
  }

  /** A disk may have room again. */
  #retry(): void {
    if (this.#isWriting) this.#writer.write(NOTHING);
    else this.#next();
  }

  #next(): void {
    if (this.#isWriting || this.#waiting.length === 0) return;
    let text = '';
    while (this.#waiting.length > 0 && text.length < this.#maxBlockBytes / 2) text += this.#take();
    this.#hand(Buffer.from(text));
  }

  #hand(block: Buffer): void {
    this.#isWriting = true;
    this.#writer.write(block);
  }

  #takeAll(): Buffer {
    let text = '';
    while (this.#waiting.length > 0) text += this.#take();
    return Buffer.from(text);
  }

  #take(): string {
    const members = this.#waiting.shift() ?? '{}';
    const lost = this.#dropped;
    this.#dropped = 0;
    return `${this.#chain.link(lost === 0 ? members : members.replace(/\}$/, `,"lost":${lost}}`))}\n`;
  }
}

/** The last line of a file, and whether its end is missing; undefined where there is no file. */
function tailOf(file: string): { readonly line: string; readonly isTorn: boolean } | undefined {
  try {
    const fd = openSync(file, 'r');
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) return undefined;
      const block = Buffer.alloc(Math.min(TAIL_BYTES, stats.size));
      const read = readSync(fd, block, 0, block.length, Math.max(0, stats.size - block.length));
      const text = block.toString('utf8', 0, read);
      const isTorn = text !== '' && !text.endsWith('\n');
      const lines = text.split('\n').filter((line) => line !== '');
      return { line: (isTorn ? lines.slice(0, -1) : lines).at(-1) ?? '', isTorn };
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
