import type { DescribedApp } from '../usage/described-apps.js';

/** An endpoint and the upstreams that it calls. */
export interface GraphEndpoint {
  /** `GET /home` */
  readonly label: string;
  /** By upstream: true where every call to it is optional. */
  readonly calls: ReadonlyMap<string, boolean>;
}

export interface GraphApp {
  readonly name: string;
  readonly owner?: string;
  readonly endpoints: readonly GraphEndpoint[];
}

export interface GraphUpstream {
  readonly name: string;
  readonly owners: readonly string[];
}

/** All BFFs with their endpoints, and the upstreams that they call. */
export interface Graph {
  readonly apps: readonly GraphApp[];
  readonly upstreams: readonly GraphUpstream[];
}

export function graphOf(described: readonly DescribedApp[]): Graph {
  const owners = new Map<string, Set<string>>();
  const apps = described.map(({ app, owner }): GraphApp => {
    const endpoints = app.endpoints.map(({ method, path, screen }): GraphEndpoint => {
      const calls = new Map<string, boolean>();
      for (const { upstream, need, owner: team } of Object.values(screen?.parts ?? {})) {
        if (upstream === undefined) continue;
        calls.set(upstream, (calls.get(upstream) ?? true) && need === 'optional');
        const teams = owners.get(upstream) ?? new Set();
        owners.set(upstream, team === undefined ? teams : teams.add(team));
      }
      return { label: `${method} ${path}`, calls };
    });
    return { name: app.bff, ...(owner !== undefined && { owner }), endpoints };
  });
  const upstreams = [...owners].map(([name, teams]) => ({ name, owners: [...teams].toSorted() }));
  return { apps, upstreams: upstreams.toSorted((one, other) => (one.name < other.name ? -1 : 1)) };
}
