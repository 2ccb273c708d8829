import { quote } from '../../codegen/source-text.js';

/** The text that reads a member: `user.id`, `header['Idempotency-Key']`. */
export const member = (of: string, name: string): string =>
  isIdentifier(name) ? `${of}.${name}` : `${of}[${quote(name)}]`;

/** The text of a key of an object. */
export const key = (name: string): string => (isIdentifier(name) ? name : quote(name));

const isIdentifier = (name: string): boolean => /^[A-Za-z_$][\w$]*$/.test(name);
