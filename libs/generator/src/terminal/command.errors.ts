/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A check failed: exit code 1. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
}
