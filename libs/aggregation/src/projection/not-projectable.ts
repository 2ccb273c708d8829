/** Thrown while templates are made, and caught where the member begins: why it is computed from parsed values instead of copied. */
export class NotProjectable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotCopied';
  }
}

/** Why something cannot be copied; undefined where it can. */
export function reasonToCompute(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof NotProjectable) return error.message;
    throw error;
  }
}
