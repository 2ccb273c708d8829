import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { incidentOf, type Incident } from '@frontage/core';
import { CheckFailed, UsageError } from '../terminal/command.errors.js';
import { appFolders, appPorts } from '../workspace/workspace.js';

interface IncidentSearch {
  readonly root: string;
  readonly cwd: string;
  /** A file, or a request id. */
  readonly name: string;
  /** The address of an admin port. @default those of all apps of the workspace, on this machine */
  readonly admin?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** The variable with the bearer token for admin ports. */
const tokenVariable = 'FRONTAGE_ADMIN_TOKEN';
/** The name of the newest incident. */
const latest = 'latest';
/** An admin port responds at once, or it is not there. */
const longestWaitMs = 5_000;

/** The incident of a file or of a request. @throws {UsageError} where there is none, {CheckFailed} for one that cannot be read */
export async function findIncident(search: IncidentSearch): Promise<Incident> {
  const { name, cwd } = search;
  const file = resolve(cwd, name);
  if (!existsSync(file)) {
    if (/[/\\]|\.json$/.test(name)) throw new UsageError(`there is no file ${name}`);
    return askForIncident(search);
  }
  const incident = incidentIn(await readFile(file, 'utf8'));
  if (incident === undefined) throw new CheckFailed(`${name} is no incident: docs/replay.md says how one is kept`);
  return incident;
}

async function askForIncident({ root, name, admin, env }: IncidentSearch): Promise<Incident> {
  const places = admin === undefined ? adminPorts(root, env) : [admin.replace(/\/$/, '')];
  const replies: string[] = [];
  for (const place of places) {
    const reply = await ask(place, name, env[tokenVariable]);
    if (typeof reply !== 'string') return reply;
    replies.push(`  ${place}: ${reply}`);
  }
  if (places.length === 0) throw new UsageError('no app has an admin port: name one with --admin http://host:port');
  throw new CheckFailed(`no incident of the request ${name} was found\n${replies.join('\n')}`);
}

function adminPorts(root: string, env: NodeJS.ProcessEnv): string[] {
  return appFolders(root).flatMap((app) => {
    const { port, adminPort } = appPorts(app, env);
    const number = adminPort.port > 0 ? adminPort.port : port.port > 0 ? port.port + 1000 : 0;
    return number > 0 ? [`http://localhost:${number}`] : [];
  });
}

/** @returns the incident, or the reason why there is none */
async function ask(place: string, name: string, token: string | undefined): Promise<Incident | string> {
  if (!URL.canParse(place)) throw new UsageError(`--admin ${place} is no address: write it as http://host:port`);
  try {
    const requestId = name === latest ? newestIn(await post(place, {}, token)) : name;
    if (requestId === undefined) return 'it has kept none yet';
    const response = await post(place, { requestId }, token);
    if (response.status === 200) return incidentIn(response.text) ?? 'its response is no incident of this version';
    if (response.status === 405) return 'its app keeps no incidents: add incidents to its bff.yaml';
    if (response.status === 401) return `it wants the admin token: set ${tokenVariable}`;
    return response.status === 404 ? 'it has not kept this one' : `it responded with ${response.status}`;
  } catch {
    return 'nothing responds there';
  }
}

interface AdminResponse {
  readonly status: number;
  readonly text: string;
}

async function post(place: string, body: object, token: string | undefined): Promise<AdminResponse> {
  const response = await fetch(`${place}/incidents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(longestWaitMs),
  });
  return { status: response.status, text: await response.text() };
}

/** The id of the newest incident of a list; where there is no list, the word itself, to which the admin port says why. */
function newestIn({ status, text }: AdminResponse): string | undefined {
  if (status !== 200) return latest;
  const list: unknown = JSON.parse(text);
  const incidents: unknown = typeof list === 'object' && list !== null ? Reflect.get(list, 'incidents') : undefined;
  const [first]: readonly unknown[] = Array.isArray(incidents) ? incidents : [];
  const id: unknown = typeof first === 'object' && first !== null ? Reflect.get(first, 'requestId') : undefined;
  return typeof id === 'string' ? id : undefined;
}

function incidentIn(text: string): Incident | undefined {
  try {
    return incidentOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}
