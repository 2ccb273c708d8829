import type { ScreenRun } from './run-plan.js';

/** The answer of a screen as its client reads it. @throws {Error} for a problem: read its `code` */
export function readAnswer(run: ScreenRun): unknown {
  if (run.kind === 'complete' || run.kind === 'partial') return JSON.parse(run.body);
  throw new Error(`There is no answer to read: ${JSON.stringify(run)}`);
}
