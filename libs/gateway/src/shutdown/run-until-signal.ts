import type { DrainTimes } from '@frontage/cluster';
import { cutAfter, errorText, whenParentEnds } from '@frontage/core';

export interface EndingApp extends DrainTimes {
  /** Ends in order. */
  readonly stop: () => Promise<void>;
  /** The number of requests under way. */
  readonly underWay: () => number;
}

/**
 * Serves until SIGTERM, SIGINT or SIGHUP, or until npm, or the `frontage` command, that started this process has gone: the app ends in order, and the
 * process exits with 0. Requests that run longer than `graceMs` after the delay are cut with exit code 1, and a second signal does that at once; logs and spans
 * have a few seconds more.
 */
export function runUntilSignal({ stop, underWay, delayMs, graceMs }: EndingApp): void {
  let closing = false;
  const end = (): void => {
    if (closing) process.exit(1);
    closing = true;
    const inOrder = cutAfter(delayMs + graceMs, underWay);
    stop().then(
      () => {
        inOrder();
        process.exit(0);
      },
      (cause: unknown) => {
        process.stderr.write(`shutdown failed: ${errorText(cause)}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
  // Other parents may go on purpose, as the shell of a start script does.
  const { npm_command: npm, FRONTAGE_ENDS_WITH: endsWith } = process.env;
  if (npm !== undefined || endsWith === 'parent') whenParentEnds(() => closing || end());
}
