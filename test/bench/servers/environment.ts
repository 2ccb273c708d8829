import { byHand, type ByHand } from '../scenarios/by-hand.js';
import { scenarios } from '../scenarios/scenarios.js';

/** What the benchmark tells a server that it starts. */
export const upstream = process.env['UPSTREAM'] ?? '';
export const port = Number(process.env['PORT']);
/** To the upstream. */
export const connections = Number(process.env['CONNECTIONS'] ?? 64);
/** Of one upstream answer. */
export const maxBytes = 2 ** 21;

export const scenario = process.env['SCENARIO'] ?? 'home-5';
export const path = scenarios.find(({ name }) => name === scenario)?.path ?? '/';

export async function screenByHand(): Promise<ByHand> {
  const load = byHand[scenario];
  if (load === undefined) throw new Error(`nobody wrote the scenario '${scenario}' by hand`);
  return load();
}
