import type { Reuse } from './results.js';

/** Reads what `/metrics` says of every reuse: families named `..._reuse_total`, labelled with `reuse` and `result`. */
export function readReuses(metrics: string): Reuse[] {
  const counts = new Map<string, Record<string, number>>();
  for (const [, labels = '', value] of metrics.matchAll(/^\w+_reuse_total\{([^}]*)\} (\S+)/gm)) {
    const reuse = /\breuse="([^"]*)"/.exec(labels)?.[1];
    const result = /\bresult="([^"]*)"/.exec(labels)?.[1];
    if (reuse === undefined || result === undefined) continue;
    const results = counts.get(reuse) ?? {};
    results[result] = (results[result] ?? 0) + Number(value);
    counts.set(reuse, results);
  }
  return [...counts].map(([name, results]) => ({ name, results }));
}

/** The counts between two scrapes. */
export function between(before: readonly Reuse[], after: readonly Reuse[]): Reuse[] {
  return after.map(({ name, results }) => {
    const known = before.find((reuse) => reuse.name === name)?.results ?? {};
    return {
      name,
      results: Object.fromEntries(Object.entries(results).map(([key, count]) => [key, count - (known[key] ?? 0)])),
    };
  });
}

/** Without metrics there are no counts of reuse to show. */
export async function scrapeReuses(adminUrl: string | undefined): Promise<Reuse[]> {
  if (adminUrl === undefined) return [];
  const response = await fetch(`${adminUrl}/metrics`).catch(() => undefined);
  return response?.ok === true ? readReuses(await response.text()) : [];
}
