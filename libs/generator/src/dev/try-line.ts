import { terminalLine } from '@frontage/contracts/terminal-text';
import { fetchToken } from './token.js';

/** A running BFF. */
export interface RunningApp {
  readonly name: string;
  readonly url: string;
  /** Undefined where its admin port is switched off. */
  readonly adminUrl: string | undefined;
}

/** Reads the ready line of a BFF. */
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
 * A `curl` line for the largest screen of an app that needs only a token; the line contains the token.
 * @param issuer of the sandbox; undefined where tokens come from another one
 * @returns undefined where the app has no such screen, or its admin port is off
 */
export async function tryLine(app: RunningApp, issuer: string | undefined): Promise<string | undefined> {
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
  if (issuer === undefined) return `curl -s -H 'authorization: Bearer <a token of your issuer>' ${target}`;
  const token = await fetchToken(issuer, { user: 'ada', scopes, audience: `${app.name}-bff` });
  return `curl -s -H 'authorization: Bearer ${token}' ${target}`;
}

/** The page at which a browser logs in to an app; undefined where it has no sessions, or its admin port is off. */
export async function loginPage({ adminUrl }: RunningApp): Promise<string | undefined> {
  if (adminUrl === undefined) return undefined;
  const { policy } = await fetchJson<{
    readonly policy: { readonly access?: { readonly sessions?: { readonly url: string } } };
  }>(`${adminUrl}/describe`);
  return policy.access?.sessions?.url;
}

/** Size of a screen: the number of its calls, then the number of members that it keeps. */
function richness(screen: Endpoint['screen']): number {
  if (screen === undefined) return 0;
  const kept = Object.values(screen.fields).reduce((sum, part) => sum + part.kept.length, 0);
  return Object.keys(screen.parts).length * 1000 + kept;
}

/** JSON from an app of this workspace; the gateway of the workspace defines its shape. */
async function fetchJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} responded with status ${response.status}`);
  return (await response.json()) as T;
}
