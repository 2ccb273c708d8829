import { randomBytes } from 'node:crypto';

/** A text that nobody has made before, without white space. */
export const newId = (): string => randomBytes(12).toString('base64url');
