import type { AnyResult, Keep, Kept } from './types.js';

interface Delta {
  readonly members: readonly (readonly [name: string, changed?: unknown])[];
}

/** A store that fails is none. */
const quietly = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch {
    return undefined;
  }
};

export const keptOf = async (keep: Keep | undefined, key: string): Promise<Kept | undefined> =>
  keep && quietly(() => keep.get(key));

/** The whole value: a member without a value is the one that is held. */
export function merged(held: Kept | undefined, { members }: Delta): unknown {
  const known = JSON.parse(held?.text ?? '{}') as Record<string, unknown>;
  return Object.fromEntries(members.map(([name, ...changed]) => [name, changed.length > 0 ? changed[0] : known[name]]));
}

/** Keeps a complete response for later; a failed request gets the last one. */
export async function keepResult(
  keep: Keep,
  key: string,
  kept: Kept | undefined,
  result: AnyResult,
): Promise<AnyResult> {
  if (result.kind === 'complete') {
    const { data, headers } = result;
    const digests = headers.get('frontage-digests') ?? '';
    if (data !== undefined) await quietly(() => keep.set(key, { text: JSON.stringify(data), digests, at: Date.now() }));
  } else if (result.kind === 'failed' && result.reason !== 'aborted' && kept !== undefined)
    return { ...result, last: { data: JSON.parse(kept.text), ageMs: Date.now() - kept.at } };
  return result;
}
