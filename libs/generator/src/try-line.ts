import { fetchToken } from './token.js';

/** A BFF that runs. */
export interface RunningApp {
  readonly name: string;
  readonly url: string;
  /** Undefined where its admin port is switched off. */
  readonly adminUrl: string | undefined;
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly required?: boolean }[];
  readonly security?: readonly { readonly bearer?: readonly string[] }[];
}

/**
 * One line to paste for the first screen of an app that can be had with nothing but a token, which it contains.
 * @param issuer of the sandbox
 * @returns undefined where the app has no such screen, or does not tell
 */
export async function tryLine(app: RunningApp, issuer: string): Promise<string | undefined> {
  if (app.adminUrl === undefined) return undefined;
  const [{ endpoints }, { paths }] = await Promise.all([
    fetchJson<{ readonly endpoints: readonly { readonly method: string; readonly path: string }[] }>(
      `${app.adminUrl}/describe`,
    ),
    fetchJson<{ readonly paths: Readonly<Record<string, { readonly get?: Operation } | undefined>> }>(
      `${app.adminUrl}/openapi.json`,
    ),
  ]);
  // The order of the module: what its team lists first is what they would show.
  for (const { method, path } of endpoints) {
    const operation = method === 'GET' ? paths[path]?.get : undefined;
    if (operation === undefined || operation.parameters?.some(({ required }) => required === true) === true) continue;
    const isList = operation.parameters?.some(({ name }) => name === 'limit') === true;
    const target = `'${app.url}${path}${isList ? '?limit=2' : ''}'`;
    const scopes = operation.security?.[0]?.bearer;
    if (scopes === undefined) return `curl -s ${target}`;
    const token = await fetchToken(issuer, { user: 'ada', scopes, audience: `${app.name}-bff` });
    return `curl -s -H 'authorization: Bearer ${token}' ${target}`;
  }
  return undefined;
}

/** What an app of this workspace says of itself: its shape is the gateway's. */
async function fetchJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered with status ${response.status}`);
  return (await response.json()) as T;
}
