import type { ScreenRun } from './run-plan.js';

/** The body of a screen's response as its client reads it; undefined where it has none. @throws {Error} for a problem: read its `code` */
export function readResponse(run: ScreenRun): unknown {
  if (run.kind === 'complete' || run.kind === 'partial')
    return run.body === '' ? undefined : JSON.parse(Buffer.from(run.body, run.encoding).toString('utf8'));
  throw new Error(`There is no response to read: ${JSON.stringify(run)}`);
}
