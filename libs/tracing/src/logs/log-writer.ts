import { constants, closeSync, fstatSync, mkdirSync, openSync, statSync, write, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Blocks that wait for a slow disk or pipe; beyond it they are dropped, and the gateway goes on. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** The time until a full pipe is tried again. */
const RETRY_MS = 20;
/** The time for which the end of a process waits for a reader that reads nothing, and for one that reads slowly. */
const MAX_STALL_MS = 1_000;
const MAX_END_MS = 3_000;

/** Time between two looks whether the file was moved away. */
const LOOK_MS = 1_000;

const STDOUT = 1;

/**
 * Appends blocks of whole lines to a file or to standard output, one write at a time and never blocking: a full pipe and a full disk hold
 * up neither requests nor the end of the process. A file that was moved away, as programs that rotate logs do, is opened anew within a second. Unwritten lines are kept up to 16 MiB, then dropped and counted.
 */
export class LogWriter {
  readonly #path: string | undefined;
  readonly #onWritten: (block: Buffer) => void;
  readonly #blocks: Buffer[] = [];
  #fd: number | undefined;
  #waitingBytes = 0;
  #isWriting = false;
  #lost = 0;
  #retry: NodeJS.Timeout | undefined;
  #ending: { readonly done: () => void; stalledAt: number } | undefined;
  #isClosed = false;
  #lookedAt = 0;

  /** @param onWritten gets each block that is written, which is the caller's again */
  constructor(to: 'stdout' | { readonly path: string }, onWritten: (block: Buffer) => void) {
    this.#onWritten = onWritten;
    if (to === 'stdout') {
      this.#fd = nonBlockingStdout();
    } else {
      this.#path = to.path;
      this.#open();
    }
  }

  /** Lines that were dropped. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes a block as soon as those before it are written. */
  write(lines: Buffer): void {
    this.#add(lines);
    this.#next();
  }

  /** Writes a block and all that waits before it returns, within three seconds, and within one where nothing is read. */
  writeNow(lines: Buffer): void {
    this.#add(lines);
    const fd = this.#fd ?? this.#open();
    if (fd === undefined) return this.#drop(0);
    const endAt = performance.now() + MAX_END_MS;
    let stalledAt = performance.now() + MAX_STALL_MS;
    // The first of them may be on its way already.
    const first = this.#isWriting ? 1 : 0;
    while (this.#blocks.length > first && performance.now() < Math.min(endAt, stalledAt)) {
      try {
        this.#written(writeSync(fd, this.#blocks[first] ?? Buffer.alloc(0)), first);
        stalledAt = performance.now() + MAX_STALL_MS;
      } catch (cause) {
        if (!isFull(cause)) break;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      }
    }
    this.#drop(first);
  }

  /** Resolves when everything is written and the file is closed, or a second after the last write that was taken. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#ending = { done: resolve, stalledAt: performance.now() + MAX_STALL_MS };
      clearTimeout(this.#retry);
      this.#retry = undefined;
      this.#next();
      this.#giveUpWhenStalled();
    });
  }

  /** A write that blocks does not come back. */
  #giveUpWhenStalled(): void {
    if (this.#ending === undefined || this.#isClosed) return;
    const leftMs = this.#ending.stalledAt - performance.now();
    if (leftMs <= 0) this.#close();
    else setTimeout(() => this.#giveUpWhenStalled(), Math.min(leftMs + 1, RETRY_MS));
  }

  #add(block: Buffer): void {
    if (block.length === 0 || this.#isClosed) return;
    if (this.#waitingBytes + block.length > MAX_WAITING_BYTES) {
      this.#lost += lineCount(block);
      return;
    }
    this.#blocks.push(block);
    this.#waitingBytes += block.length;
  }

  #next(): void {
    if (this.#isWriting || this.#retry !== undefined || this.#isClosed) return;
    const [block] = this.#blocks;
    this.#leaveMovedFile();
    const fd = this.#fd ?? this.#open();
    if (block === undefined || fd === undefined) return this.#close();
    this.#isWriting = true;
    write(fd, block, (cause, bytes) => {
      this.#isWriting = false;
      if (cause === null) {
        this.#written(bytes, 0);
        if (this.#ending !== undefined) this.#ending.stalledAt = performance.now() + MAX_STALL_MS;
        this.#next();
      } else if (isFull(cause) && performance.now() < (this.#ending?.stalledAt ?? Number.POSITIVE_INFINITY)) {
        this.#retry = setTimeout(() => {
          this.#retry = undefined;
          this.#next();
        }, RETRY_MS);
        if (this.#ending === undefined) this.#retry.unref();
      } else {
        // A disk may have room again by the next block; at the end there is none.
        this.#close();
      }
    });
  }

  #leaveMovedFile(): void {
    const now = performance.now();
    if (this.#path === undefined || this.#fd === undefined || now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    try {
      if (statSync(this.#path).ino === fstatSync(this.#fd).ino) return;
    } catch {
      // There is no file of this name any more.
    }
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  #written(bytes: number, index: number): void {
    const block = this.#blocks[index];
    if (block === undefined) return;
    this.#waitingBytes -= bytes;
    if (bytes === block.length) {
      this.#blocks.splice(index, 1);
      this.#onWritten(block);
    } else {
      this.#blocks[index] = block.subarray(bytes);
    }
  }

  #drop(from: number): void {
    for (const block of this.#blocks.splice(from)) {
      this.#lost += lineCount(block);
      this.#waitingBytes -= block.length;
    }
  }

  #close(): void {
    if (this.#ending === undefined || this.#isClosed) return;
    this.#isClosed = true;
    this.#drop(0);
    if (this.#fd !== undefined && this.#fd !== STDOUT) closeSync(this.#fd);
    this.#fd = undefined;
    this.#ending.done();
  }

  /** Non-blocking, for a path that names a pipe. `undefined` where it cannot be opened now: the next block tries again. */
  #open(): number | undefined {
    if (this.#path === undefined || this.#isClosed) return undefined;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
      this.#fd = openSync(this.#path, O_APPEND | O_CREAT | O_NONBLOCK | O_WRONLY);
    } catch {
      this.#fd = undefined;
    }
    return this.#fd;
  }
}

const isFull = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'EAGAIN' || cause.code === 'EBUSY');

function lineCount(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(10); at !== -1; at = block.indexOf(10, at + 1)) count++;
  return count;
}

/**
 * A write to a full pipe that blocks holds a thread of Node's pool, and the process waits for that thread when it exits. Whether it blocks
 * belongs to what all processes with this standard output share, and Node sets it back when one of them exits: a pipe is opened once
 * more, which Linux can. A socket cannot be; Node makes it non-blocking when it makes the stream.
 */
function nonBlockingStdout(): number {
  // A reader that goes ends no process: the log counts what it loses.
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => undefined);
  try {
    if (fstatSync(STDOUT).isFIFO()) return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // Another system, or a reader that has gone by now.
  }
  return STDOUT;
}
