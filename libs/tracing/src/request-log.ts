import { createHmac, randomBytes } from 'node:crypto';
import type { BreakerChanged, Complaint } from '@frontage/core';
import type { Caller, CallRecord, RequestEnded } from '@frontage/context';
import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { describeError } from './redaction.js';
import type { LogOptions } from './tracing.options.js';

const MAX_CALLS = 50;
/** Lines that wait for a slow disk or pipe; beyond it they are dropped, and the gateway goes on. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/**
 * What is written to a pipe at once, and not in parts between those of other processes (PIPE_BUF of Linux): several that serve one app share
 * one standard output.
 */
const WHOLE_WRITE_BYTES = 4_096;

/** One JSON line per request, and one for whatever an operator should see besides. Bearer tokens, headers, paths and bodies never get here. */
export class RequestLog {
  readonly #logger: Logger;
  readonly #hashKey: string | Buffer;
  readonly #hashes = new WeakMap<Caller, string>();
  readonly #end: () => Promise<void>;
  #dropped = 0;

  /** @throws RangeError for an option outside its range */
  constructor(app: string, options: LogOptions) {
    const { bufferBytes = 4_096 } = options;
    if (!(bufferBytes >= 0 && bufferBytes < 16_384))
      throw new RangeError(`bufferBytes must be from 0 to 16383, not ${bufferBytes}`);
    this.#hashKey = options.callerHashKey ?? randomBytes(32);
    const to = options.destination ?? 'stdout';
    let stream: DestinationStream;
    if (typeof to === 'object' && 'write' in to) {
      stream = to;
      this.#end = () => Promise.resolve();
    } else {
      const file = destination({
        dest: to === 'stdout' ? 1 : to.path,
        sync: false,
        mkdir: true,
        ...(to === 'stdout'
          ? { minLength: Math.min(bufferBytes, WHOLE_WRITE_BYTES * 0.75), maxWrite: WHOLE_WRITE_BYTES }
          : { minLength: bufferBytes }),
        maxLength: MAX_WAITING_BYTES,
        periodicFlush: 1_000,
      });
      file.on('drop', () => this.#dropped++);
      // A log that cannot be written is no reason to stop answering. Each line that is lost is counted.
      file.on('error', () => this.#dropped++);
      stream = file;
      // Ended and not flushed: a flush during a write comes back when that write is done, not when all is.
      this.#end = () =>
        new Promise((resolve) => {
          file.once('close', resolve);
          file.end();
        });
    }
    this.#logger = pino(
      {
        level: options.level ?? 'info',
        base: { app },
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (level) => ({ level }) },
      },
      stream,
    );
  }

  /** Lines lost because they could not be written. */
  get dropped(): number {
    return this.#dropped;
  }

  /** `error` for 5xx, `warn` for 4xx, `info` for the rest. */
  logRequest(ended: RequestEnded): void {
    const { context, status } = ended;
    const level = status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info';
    if (!this.#logger.isLevelEnabled(level)) return;
    const { calls, caller } = context;
    this.#logger[level]({
      requestId: context.requestId,
      traceId: context.traceId,
      method: context.method,
      route: context.route,
      status,
      code: ended.code,
      durationMs: roundMs(ended.endedAt - context.startedAt),
      caller: caller === undefined ? undefined : this.#hash(caller),
      clientGone: ended.clientGone ? true : undefined,
      missingParts: context.missingParts > 0 ? context.missingParts : undefined,
      calls: calls.length === 0 ? undefined : calls.slice(0, MAX_CALLS).map(compactCall),
      moreCalls: calls.length > MAX_CALLS ? calls.length - MAX_CALLS : undefined,
      error: ended.error === undefined ? undefined : describeError(ended.error),
      msg: 'request',
    });
  }

  logBreaker({ upstream, state }: BreakerChanged): void {
    this.#logger[state === 'open' ? 'warn' : 'info']({ upstream, state, msg: 'breaker' });
  }

  logComplaint({ from, message, cause }: Complaint): void {
    this.#logger.warn({
      from,
      complaint: message,
      error: cause === undefined ? undefined : describeError(cause),
      msg: 'complaint',
    });
  }

  /** Ends the log, and waits until everything is written. A stream of your own is yours to end. */
  stop(): Promise<void> {
    return this.#end();
  }

  /** Who it was, without saying who: twelve hex digits that mean nothing without the key. */
  #hash(caller: Caller): string {
    let hash = this.#hashes.get(caller);
    if (hash === undefined) {
      hash = createHmac('sha256', this.#hashKey)
        .update(JSON.stringify([caller.tenant ?? null, caller.subject]))
        .digest('hex')
        .slice(0, 12);
      this.#hashes.set(caller, hash);
    }
    return hash;
  }
}

interface CompactCall {
  readonly upstream: string;
  readonly operation: string;
  readonly status: number;
  readonly ms: number;
  readonly attempt: number;
  readonly outcome?: string;
}

function compactCall({ upstream, operation, status, startedAt, endedAt, attempt, outcome }: CallRecord): CompactCall {
  const call = { upstream, operation, status, ms: roundMs(endedAt - startedAt), attempt };
  return outcome === 'ok' ? call : { ...call, outcome };
}

const roundMs = (ms: number): number => Math.round(ms * 10) / 10;
