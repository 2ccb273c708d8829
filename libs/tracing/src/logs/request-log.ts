import {
  describeError,
  redact,
  systemClock,
  type AddressOut,
  type BreakerChanged,
  type SignalRaised,
  type Warning,
  type UnaskedBytes,
} from '@frontage/core';
import type { RequestEnded } from '@frontage/context';
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { AppLog } from './app-log.js';
import { CallerHash } from './caller-hash.js';
import { LogFile } from './log-file.js';
import { LogLevels } from './log-levels.js';
import { RequestLine } from './request-line.js';
import type { LogOptions } from '../options/tracing.options.js';

const MAX_BUFFER_BYTES = 1024 * 1024;

/** One JSON line per request, and one per warning for the operator. Bearer tokens, headers, paths and bodies never get here. */
export class RequestLog {
  readonly #logger: Logger;
  readonly #stream: DestinationStream;
  readonly #file: LogFile | undefined;
  readonly #line: RequestLine;
  readonly #hash: CallerHash;
  /** The levels of its lines, and of those of the app's own code. */
  readonly levels: LogLevels;
  /** The lines of the app's own code. */
  readonly own: AppLog;
  #streamLost = 0;

  /** @throws RangeError for an option outside its range */
  constructor(app: string, options: LogOptions, hash = new CallerHash(options.callerHashKey), clock = systemClock) {
    const { bufferBytes = 262_144, destination = 'stdout' } = options;
    if (!(bufferBytes >= 0 && bufferBytes <= MAX_BUFFER_BYTES))
      throw new RangeError(`bufferBytes must be from 0 to ${MAX_BUFFER_BYTES}, not ${bufferBytes}`);
    this.#hash = hash;
    if (typeof destination === 'object' && 'write' in destination) {
      this.#stream = destination;
      // A stream that breaks ends the process where nothing listens for that.
      destination.on('error', () => this.#streamLost++);
    } else {
      this.#file = new LogFile(destination, bufferBytes);
      this.#stream = this.#file;
    }
    this.#logger = pino(
      {
        level: options.level ?? 'info',
        base: { app },
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (level) => ({ level }) },
      },
      this.#stream,
    );
    this.#line = new RequestLine(app);
    this.levels = new LogLevels(options.level ?? 'info', hash, clock);
    this.own = new AppLog(app, this.levels, hash, (line) => this.#stream.write(line));
  }

  /** Lines lost because they could not be written. */
  get dropped(): number {
    return this.#file?.lost ?? this.#streamLost;
  }

  /** `error` for 5xx, `warn` for 4xx, `info` for the rest. */
  logRequest(ended: RequestEnded): void {
    const { status } = ended;
    const level = status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info';
    if (!this.levels.takes(level, ended.context)) return;
    const { caller } = ended.context;
    this.#stream.write(
      this.#line.render(level, Date.now(), ended, caller === undefined ? undefined : this.#hash.of(caller)),
    );
  }

  logBreaker({ upstream, operation, state }: BreakerChanged): void {
    const of = operation === undefined ? {} : { operation: redact(operation) };
    this.#logger[state === 'open' ? 'warn' : 'info']({ upstream: redact(upstream), ...of, state, msg: 'breaker' });
  }

  logAddressOut({ upstream, address, reason }: AddressOut): void {
    this.#logger.warn({ upstream: redact(upstream), address: redact(address), reason, msg: 'address out' });
  }

  logUnaskedBytes({ upstream, origin }: UnaskedBytes): void {
    this.#logger.warn({
      upstream: redact(upstream),
      origin: redact(origin),
      msg: 'bytes that no request had asked for: connection closed',
    });
  }

  logSignal({ signal, of, action, requestId, client }: SignalRaised): void {
    this.#logger.warn({ signal: redact(signal), of, action, client, requestId: redact(requestId), msg: 'signal' });
  }

  logWarning({ from, message, cause }: Warning): void {
    this.#logger.warn({
      from: redact(from),
      warning: redact(message),
      error: cause === undefined ? undefined : describeError(cause),
      msg: 'warning',
    });
  }

  /** Ends the log, and waits until everything is written. A stream of your own is yours to end. */
  async stop(): Promise<void> {
    await this.#file?.end();
  }
}
