/** Thrown while templates are made, and caught at the member: the reason why it is computed from parsed values. */
export class NotProjectable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotProjectable';
  }
}

/** The reason why something cannot be projected; undefined where it can. */
export function reasonToCompute(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof NotProjectable) return error.message;
    throw error;
  }
}
