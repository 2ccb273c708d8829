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

/** The reasons why these are computed. */
export const reasons = {
  compute: 'a function makes it',
  when: 'a condition decides on it',
  byKind: 'it is one of several kinds',
  where: 'a condition picks its items',
  filter: 'a condition picks its items',
  equal: 'two values are compared',
  sort: 'its items are sorted',
  indexBy: 'it is looked up by key',
  groupBy: 'it is looked up by key',
  distinct: 'equal items are left out',
  sum: 'its values are added',
  min: 'its values are compared',
  max: 'its values are compared',
  flatten: 'it is made of several lists',
  at: 'one entry of it is looked up',
  input: 'the request brings it',
  index: 'it counts the items of a list',
  headers: 'it is a header',
} as const;
