const isKeyed = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null;

/** A member of whatever an upstream sent; `constructor` and the like are there only where they were sent. */
export const ownMemberOf = (of: unknown, key: string): unknown =>
  isKeyed(of) && Object.hasOwn(of, key) ? of[key] : undefined;

/** The same for what the endpoint handed over too, which may be of a class with members of its own. */
export const memberOf = (of: unknown, key: string): unknown =>
  key in Object.prototype || !isKeyed(of) ? ownMemberOf(of, key) : of[key];
