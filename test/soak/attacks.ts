import { bodyAttacks } from './attacks/bodies.js';
import { connectionAttacks } from './attacks/connections.js';
import { tokenAttacks } from './attacks/tokens.js';
import { upstreamAttacks } from './attacks/upstreams.js';
import type { Attack } from './attacks/attack.js';

/** Everything that is done to the BFF while it serves its users, by name. */
export const attacks: ReadonlyMap<string, Attack> = new Map(
  Object.entries({ ...bodyAttacks, ...connectionAttacks, ...tokenAttacks, ...upstreamAttacks }),
);
