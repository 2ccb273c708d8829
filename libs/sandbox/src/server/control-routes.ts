import type { IncomingMessage } from 'node:http';
import { isRecord, ok, problem, type SandboxResponse } from '../model/behaviour.js';
import type { CallLog } from './call-log.js';
import { readBody } from '../decoding/request-body.js';
import type { SandboxUpstream } from './upstream.js';

const longestWaitMs = 30_000;

/**
 * Responses below `/__sandbox`:
 * - `GET /faults`, `DELETE /faults`: the faults of all upstreams
 * - `GET /<upstream>/faults`, `PUT` with a {@link Fault}, `DELETE` with `?operation=` for one operation
 * - `GET /calls` with `?since=<version>` to wait for new calls, `DELETE /calls`
 */
export async function controlResponse(
  upstreams: ReadonlyMap<string, SandboxUpstream>,
  log: CallLog,
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
): Promise<SandboxResponse> {
  const method = request.method ?? 'GET';
  if (path === '/calls') return calls(log, method, query);
  if (path === '/faults') return allFaults(upstreams, method);
  const [, name = '', kind] = path.split('/');
  const upstream = upstreams.get(decodeURIComponent(name));
  if (upstream === undefined || kind !== 'faults') {
    return problem(404, 'There is no such control', { detail: `Upstreams are: ${[...upstreams.keys()].join(', ')}.` });
  }
  if (method === 'GET') return ok(upstream.faults.list());
  if (method === 'DELETE') {
    upstream.faults.clear(query.get('operation') ?? undefined);
    return { status: 204 };
  }
  if (method !== 'PUT') return problem(405, 'Faults are read, put and deleted');
  const body = await readBody(request);
  const wrong = body === 'too_large' ? 'The fault is too large.' : upstream.faults.set(jsonOf(body));
  return wrong === undefined ? { status: 204 } : problem(422, 'This is no fault', { detail: wrong });
}

/** A body of JSON or of a form, with any content type. */
export async function readForm(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const body = await readBody(request);
  if (body === 'too_large') return {};
  const json = jsonOf(body);
  return isRecord(json) ? json : Object.fromEntries(new URLSearchParams(body.toString()));
}

/** Undefined for a body that is no JSON. */
function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

async function calls(log: CallLog, method: string, query: URLSearchParams): Promise<SandboxResponse> {
  if (method === 'DELETE') {
    log.reset();
    return { status: 204 };
  }
  const since = query.get('since');
  if (since !== null) await log.changedSince(Number(since), longestWaitMs);
  return ok(log.report());
}

function allFaults(upstreams: ReadonlyMap<string, SandboxUpstream>, method: string): SandboxResponse {
  if (method === 'GET')
    return ok(Object.fromEntries([...upstreams].map(([name, { faults }]) => [name, faults.list()])));
  if (method !== 'DELETE') return problem(405, 'All faults are read and deleted; put them per upstream');
  for (const { faults } of upstreams.values()) faults.clear();
  return { status: 204 };
}
