/** Thrown while templates are made, and caught where the member begins: why it is computed from parsed values instead of copied. */
export class NotCopied extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotCopied';
  }
}

/** Why something cannot be copied; undefined where it can. */
export function reasonNot(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof NotCopied) return error.message;
    throw error;
  }
}
