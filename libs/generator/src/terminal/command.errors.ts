/** Exit codes of every command. docs/command.md explains them. */
export const exitCodes = { success: 0, failed: 1, wrongCall: 2 } as const;

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A check failed, or the command cannot do its work: exit code 1. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
  /** Further members of the JSON object of the failure. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.data = data;
  }
}
