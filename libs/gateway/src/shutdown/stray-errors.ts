import { channels, cutAfter, errorText, type Warning, type UnhandledRejection } from '@frontage/core';

/** Lines about forgotten promises in one window; the metric counts all of them. */
const linesPerWindow = 10;
const windowMs = 60_000;

export interface FatalEnd {
  /** Time for running requests, in milliseconds. */
  readonly graceMs: number;
  /** The number of requests under way. */
  readonly underWay: () => number;
  /** Stops accepting, lets requests under way end, writes log and spans out. */
  readonly close: () => Promise<void>;
}

/**
 * Decides about errors that no code takes, for a process that serves. A rejected promise that nothing waits for (a forgotten `await` in a
 * handler) belongs to one request: it is reported and counted, and the process goes on. After an uncaught exception the state of the
 * process is unknown: it stops accepting, ends what is under way within `graceMs`, and exits with 1. A second one exits at once.
 */
export function handleStrayErrors({ graceMs, underWay, close }: FatalEnd): void {
  const report = rejectionReport();
  process.on('unhandledRejection', report);
  let isEnding = false;
  process.on('uncaughtException', (thrown: unknown) => {
    const exit = (): never => process.exit(1);
    process.stderr.write(`uncaught exception, the process ends: ${errorText(thrown)}\n`);
    if (isEnding) exit();
    isEnding = true;
    warn('an exception was caught by nothing: the process ends', thrown);
    cutAfter(graceMs, underWay, 1);
    close().then(exit, exit);
  });
}

/** Reports each rejection for the metric, and at most ten a minute as a line of the log. */
export function rejectionReport(now = (): number => performance.now()): (reason: unknown) => void {
  let windowEnd = 0;
  let lines = 0;
  let unsaid = 0;
  return (reason) => {
    if (channels.unhandledRejection.hasSubscribers) {
      channels.unhandledRejection.publish({ reason } satisfies UnhandledRejection);
    }
    if (now() >= windowEnd) {
      windowEnd = now() + windowMs;
      lines = 0;
    }
    if (lines >= linesPerWindow) {
      unsaid++;
      return;
    }
    lines++;
    const others = unsaid === 0 ? '' : ` (${unsaid} more were not logged)`;
    unsaid = 0;
    warn(`a promise was rejected and nothing waited for it: an await is missing${others}`, reason);
  };
}

/** Writes to standard error if no log subscribes. */
function warn(message: string, cause: unknown): void {
  if (channels.warning.hasSubscribers) {
    channels.warning.publish({ from: 'gateway', message, cause } satisfies Warning);
  } else process.stderr.write(`${message}: ${errorText(cause)}\n`);
}
