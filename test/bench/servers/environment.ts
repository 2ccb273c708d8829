import { byHand, type ByHand } from '../scenarios/by-hand.js';
import { scenarios } from '../scenarios/scenarios.js';

/** The settings that the benchmark gives to a server. */
export const upstream = process.env['UPSTREAM'] ?? '';
export const port = Number(process.env['PORT']);
/** To the upstream. */
export const connections = Number(process.env['CONNECTIONS'] ?? 64);
/** Of one upstream response. */
export const maxBytes = 2 ** 21;

export const scenario = process.env['SCENARIO'] ?? 'home-5';
export const path = scenarios.find(({ name }) => name === scenario)?.path ?? '/';

export async function screenByHand(): Promise<ByHand> {
  const load = byHand[scenario];
  if (load === undefined) throw new Error(`the scenario '${scenario}' has no version written by hand`);
  return load();
}
