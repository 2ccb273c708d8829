import type { Asked } from '../client.js';
import type { Random } from '../random.js';
import { strayText } from '../upstreams/faulty.js';
import { usersIn } from '../upstreams/marks.js';
import { secret, type SoakWorld } from '../world.js';

/** Sends one hostile input. @returns what is wrong with the response; `undefined` where nothing is */
export type Attack = (world: SoakWorld, random: Random) => Promise<string | undefined>;

/** Tells the fault of a response that must have one of these statuses, and no byte that is not meant for its client. */
export function misfit({ status, text }: Asked, statuses: readonly number[]): string | undefined {
  const shown = `${status} ${text.slice(0, 200)}`;
  if (text.includes(secret)) return `a secret in the response: ${shown}`;
  if (text.includes(strayText)) return `stray bytes in the response: ${shown}`;
  if (usersIn(text).size > 0) return `bytes of a user in the response: ${shown}`;
  if (/\n\s+at |node_modules|\/libs\//.test(text)) return `a place of the source in the response: ${shown}`;
  return statuses.includes(status) ? undefined : `one of ${statuses.join(', ')} was expected: ${shown}`;
}
