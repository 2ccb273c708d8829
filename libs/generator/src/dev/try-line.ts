import { terminalLine } from '@frontage/contracts/terminal-text';
import { fetchToken } from './token.js';

/** A BFF that runs. */
export interface RunningApp {
  readonly name: string;
  readonly url: string;
  /** Undefined where its admin port is switched off. */
  readonly adminUrl: string | undefined;
}

/** What a BFF said of itself when it was ready. */
export function runningApp(name: string, ready: Readonly<Record<string, unknown>>): RunningApp {
  const { url, adminUrl } = ready;
  return { name, url: String(url), adminUrl: typeof adminUrl === 'string' ? adminUrl : undefined };
}

interface DocumentedOperation {
  readonly parameters?: readonly { readonly name: string; readonly required?: boolean }[];
  readonly security?: readonly { readonly bearer?: readonly string[] }[];
}

interface Endpoint {
  readonly method: string;
  readonly path: string;
  /** Absent for a controller written by hand. */
  readonly screen?: {
    readonly parts: object;
    readonly fields: Readonly<Record<string, { readonly kept: readonly string[] }>>;
  };
}

/**
 * One line to paste for the richest screen of an app that can be had with nothing but a token, which the line contains.
 * @param issuer of the sandbox
 * @returns undefined where the app has no such screen, or does not tell
 */
export async function tryLine(app: RunningApp, issuer: string): Promise<string | undefined> {
  if (app.adminUrl === undefined) return undefined;
  const [{ endpoints }, { paths }] = await Promise.all([
    fetchJson<{ readonly endpoints: readonly Endpoint[] }>(`${app.adminUrl}/describe`),
    fetchJson<{ readonly paths: Readonly<Record<string, { readonly get?: DocumentedOperation } | undefined>> }>(
      `${app.adminUrl}/openapi.json`,
    ),
  ]);
  const shown = endpoints
    .filter(({ method }) => method === 'GET')
    .map(({ path, screen }) => ({ path, screen, operation: paths[path]?.get }))
    .filter(({ operation }) => operation?.parameters?.some(({ required }) => required === true) === false)
    .toSorted((one, other) => richness(other.screen) - richness(one.screen))
    .at(0);
  if (shown === undefined) return undefined;
  const isList = shown.operation?.parameters?.some(({ name }) => name === 'limit') === true;
  const target = terminalLine(`'${app.url}${shown.path}${isList ? '?limit=2' : ''}'`);
  const scopes = shown.operation?.security?.[0]?.bearer;
  if (scopes === undefined) return `curl -s ${target}`;
  const token = await fetchToken(issuer, { user: 'ada', scopes, audience: `${app.name}-bff` });
  return `curl -s -H 'authorization: Bearer ${token}' ${target}`;
}

/** A screen that fetches more shows more; of two that fetch alike, the one that keeps more of it. */
function richness(screen: Endpoint['screen']): number {
  if (screen === undefined) return 0;
  const kept = Object.values(screen.fields).reduce((sum, part) => sum + part.kept.length, 0);
  return Object.keys(screen.parts).length * 1000 + kept;
}

/** What an app of this workspace says of itself: its shape is the gateway's. */
async function fetchJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered with status ${response.status}`);
  return (await response.json()) as T;
}
