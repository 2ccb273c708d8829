const isKeyed = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null;

/** An own member of an upstream's value. `constructor` and other inherited names count only where they were sent. */
export const ownMemberOf = (of: unknown, key: string): unknown =>
  isKeyed(of) && Object.hasOwn(of, key) ? of[key] : undefined;

/** The same for input of the endpoint, which may be an instance of a class with inherited members. */
export const memberOf = (of: unknown, key: string): unknown =>
  key in Object.prototype || !isKeyed(of) ? ownMemberOf(of, key) : of[key];
