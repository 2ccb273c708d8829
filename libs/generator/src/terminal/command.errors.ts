/** The command was called in a way that makes no sense: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked for was checked and is not so: exit code 1. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
}
